// dvecdb restore: from a backup's file to a data folder.
#include "server/storage/restore.h"

#include <fmt/format.h>

#include "server/app/command.h"

namespace dvecdb::server::app {

namespace {

struct Options {
  std::string input;
  std::string data_dir;
};

const KeyOf<Options> rows[] = {
    {"input", "FILE", "the backup", set_text<&Options::input>, get<&Options::input>},
    {"data_dir", "DIR", "an empty folder, or one to make", set_text<&Options::data_dir>,
     get<&Options::data_dir>},
};

class RestoreCommand : public Command {
 public:
  std::string_view name() const override { return "restore"; }
  std::string_view summary() const override { return "make a data folder from a backup"; }
  std::string_view description() const override {
    return "Checks every checksum before it writes. What it does not finish is no data folder.\n"
           "Start the server on the folder afterwards.\n";
  }
  KeyList keys() override { return bind_keys(rows, options_); }

  int run() override {
    if (options_.input.empty()) throw ConfigError("input: name the backup");
    if (options_.data_dir.empty()) throw ConfigError("data_dir: name the folder to restore into");
    const storage::BackupManifest manifest =
        storage::restore_backup(options_.input, options_.data_dir);
    fmt::print("restored {} files as of {} into {}\n", manifest.files.size(), manifest.created,
               options_.data_dir);
    return EXIT_SUCCESS;
  }

 private:
  Options options_;
};

}  // namespace

std::unique_ptr<Command> make_restore_command() {
  return std::make_unique<RestoreCommand>();
}

}  // namespace dvecdb::server::app
