#include "server/app/config.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>

namespace dvecdb::server::app {
namespace {

CommandLine read(const std::vector<std::string>& arguments,
                 const std::map<std::string, std::string>& variables = {}) {
  std::vector<std::string> names;
  for (const auto& [name, value] : variables) names.push_back(name);
  return read_config(
      arguments,
      [&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
      },
      names);
}

std::string error_of(const std::vector<std::string>& arguments,
                     const std::map<std::string, std::string>& variables = {}) {
  try {
    read(arguments, variables);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Config, Defaults) {
  const Config config = read({}).config;
  EXPECT_EQ(config.port, 5433);
  EXPECT_EQ(config.http_port, 8080);
  EXPECT_EQ(config.metrics_port, 9091);
  EXPECT_EQ(config.listen, "127.0.0.1");
}

TEST(Config, FlagsBeforeEnvironmentBeforeFile) {
  const std::string path = testing::TempDir() + "/config_test.toml";
  std::ofstream(path) << "port = 1\nhttp_port = 2\ndata_dir = \"from file\"\n";
  const Config config =
      read({"--config", path, "--port", "3"}, {{"DVECDB_PORT", "4"}, {"DVECDB_HTTP_PORT", "5"}})
          .config;
  std::remove(path.c_str());
  EXPECT_EQ(config.port, 3);
  EXPECT_EQ(config.http_port, 5);
  EXPECT_EQ(config.data_dir, "from file");
}

TEST(Config, BothFlagForms) {
  EXPECT_EQ(read({"--port=7"}).config.port, 7);
  EXPECT_EQ(read({"--port", "7"}).config.port, 7);
  EXPECT_TRUE(read({"--help"}).wants_help);
}

TEST(Config, ErrorsHelp) {
  EXPECT_NE(error_of({"--prot", "1"}).find("nearest is \"--port\""), std::string::npos);
  EXPECT_NE(error_of({}, {{"DVECDB_PORTS", "1"}}).find("\"DVECDB_PORT\""), std::string::npos);
  EXPECT_NE(error_of({"--port", "x"}).find("from 0 to 65535"), std::string::npos);
  EXPECT_NE(error_of({"--log-level", "loud"}).find("debug, info, warn, error"), std::string::npos);
  EXPECT_NE(error_of({"--port"}).find("takes a value"), std::string::npos);
  EXPECT_NE(error_of({"--config", "/nonexistent.toml"}), "no error");
}

}  // namespace
}  // namespace dvecdb::server::app
