// dvecdb check: of a server that serves, of a stopped one's folder, or of a backup.
#include "server/exec/check.h"

#include <fmt/format.h>

#include "server/app/command.h"
#include "server/app/wire_client.h"
#include "server/storage/restore.h"

namespace dvecdb::server::app {

namespace {

struct Options {
  std::string url;
  std::string input;
  std::string data_dir;
};

const KeyOf<Options> rows[] = {
    {"url", "URL", "a serving server: postgresql://user@host:port/database, as libpq takes it",
     set_text<&Options::url>, get<&Options::url>},
    {"input", "FILE", "a backup: whether its checksums are right", set_text<&Options::input>,
     get<&Options::input>},
    {"data_dir", "DIR", "the folder of a stopped server, used when nothing else is named",
     set_text<&Options::data_dir>, get<&Options::data_dir>},
};

class CheckCommand : public Command {
 public:
  std::string_view name() const override { return "check"; }
  std::string_view summary() const override { return "compare indexes with rows, look for damage"; }
  std::string_view description() const override {
    return "Prints a line for each row store and each vector index. Exit code 1 when something is\n"
           "damaged. Repairs nothing: docs/operations.md says what to do.\n";
  }
  KeyList keys() override { return bind_keys(rows, options_); }

  int run() override {
    if (!options_.url.empty()) {
      for (const WireClient::Row& row : WireClient(options_.url).query("CALL dvecdb_check()")) {
        print({row.at(0), row.at(1), row.at(2), row.at(3)});
      }
    } else if (!options_.input.empty()) {
      const storage::BackupManifest manifest = storage::check_backup(options_.input);
      fmt::print("no damage: {} files as of {}\n", manifest.files.size(), manifest.created);
      return EXIT_SUCCESS;
    } else if (!options_.data_dir.empty()) {
      exec::check_folder(options_.data_dir, [this](const auto& finding) { print(finding); });
    } else {
      throw ConfigError(
          "url: name the server (--url), a backup (--input) or a stopped server's "
          "folder (--data-dir)");
    }
    fmt::print("{}\n", damaged_ == 0 ? "no damage" : fmt::format("damaged: {}", damaged_));
    return damaged_ == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
  }

 private:
  void print(const exec::Finding& finding) {
    if (finding.status == "damage") ++damaged_;
    fmt::print("{:<7} {} | {} | {}\n", finding.status, finding.database, finding.object,
               finding.detail);
  }

  Options options_;
  int damaged_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_check_command() {
  return std::make_unique<CheckCommand>();
}

}  // namespace dvecdb::server::app
