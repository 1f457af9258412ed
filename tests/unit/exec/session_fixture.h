// A database in a temporary folder and sessions on it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "server/exec/engine.h"
#include "tests/unit/exec/recording_sink.h"

namespace dvecdb::server::exec {

class SessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "dvecdb_exec_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    open();
  }
  void TearDown() override {
    session_.reset();
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  void open() {
    EngineOptions options;
    options.data_dir = folder_;
    engine_ = std::make_unique<Engine>(options);
    session_ = connect();
  }
  void reopen() {
    session_.reset();
    engine_.reset();
    open();
  }
  std::unique_ptr<Session> connect(std::string_view user = "postgres") {
    SessionOptions options;
    options.user = user;
    options.database = "postgres";
    options.pid = ++last_pid_;
    return engine_->connect(options);
  }

  // The whole answer to a simple query.
  std::string run(std::string_view text) { return run(*session_, text); }
  static std::string run(Session& session, std::string_view text) {
    RecordingSink sink;
    session.simple_query(text, sink);
    return sink.take();
  }
  // The rows alone, without their prefix.
  std::string rows(std::string_view text) { return rows(*session_, text); }
  static std::string rows(Session& session, std::string_view text) {
    RecordingSink sink;
    session.simple_query(text, sink);
    std::string out;
    for (const std::string& line : sink.lines) {
      const bool is_row = line.rfind("row ", 0) == 0;
      if (is_row) out += (out.empty() ? "" : "\n") + line.substr(4);
      if (line.rfind("ERROR", 0) == 0) out += line;
    }
    return out;
  }

  std::string folder_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Session> session_;
  std::int32_t last_pid_ = 0;
};

}  // namespace dvecdb::server::exec
