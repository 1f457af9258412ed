// dvecdb backup: of a server that serves, by the wire, or of a data folder that no server uses.
#include "server/storage/backup.h"

#include <fmt/format.h>

#include <filesystem>

#include "server/app/backup_file.h"
#include "server/app/command.h"
#include "server/app/wire_client.h"

namespace dvecdb::server::app {

namespace {

struct Options {
  std::string url;
  std::string data_dir;
  std::string output;
  int keep = 0;
};

const KeyOf<Options> rows[] = {
    {"url", "URL", "a serving server: postgresql://user@host:port/database, as libpq takes it",
     set_text<&Options::url>, get<&Options::url>},
    {"data_dir", "DIR", "the folder of a stopped server, used when there is no URL",
     set_text<&Options::data_dir>, get<&Options::data_dir>},
    {"output", "PATH", "file to write; in a folder that is there, dvecdb-<time>.tar",
     set_text<&Options::output>, get<&Options::output>},
    {"keep", "N", "with a folder: remove all but the newest N backups in it; 0 removes none",
     set_number<&Options::keep, 0, 100000>, get<&Options::keep>},
};

std::unique_ptr<storage::Store> open_store(const std::string& data_dir) {
  try {
    return std::make_unique<storage::Store>(data_dir, storage::DatabaseOptions(), nullptr);
  } catch (types::SqlError& error) {
    if (error.sqlstate() == types::sqlstate::object_in_use) {
      error.hint("A server uses it: name that by --url postgresql://postgres@127.0.0.1:5433/.");
    }
    throw;
  }
}

void copy_folder(const std::string& data_dir, BackupFile& file) {
  if (!std::filesystem::exists(data_dir + "/format")) {
    throw ConfigError("data_dir: \"" + data_dir + "\" is no data folder of dvecdb");
  }
  const std::unique_ptr<storage::Store> store = open_store(data_dir);
  storage::Backup backup(*store, [] {});
  for (std::string bytes = backup.next(); !bytes.empty(); bytes = backup.next()) file.add(bytes);
  store->note_backup(backup.moment());
}

class BackupCommand : public Command {
 public:
  std::string_view name() const override { return "backup"; }
  std::string_view summary() const override { return "copy all databases into one checked file"; }
  std::string_view description() const override {
    return "Of a serving server (--url, as a superuser) or of a stopped one's folder "
           "(--data-dir).\n"
           "The file has its name once it is whole, checked and durable. libpq's variables\n"
           "(PGHOST, PGPASSWORD, PGSSLMODE ...) count as for psql.\n";
  }
  KeyList keys() override { return bind_keys(rows, options_); }

  int run() override {
    const Options& options = options_;
    if (options.output.empty()) throw ConfigError("output: name the file or folder to write to");
    if (options.url.empty() && options.data_dir.empty()) {
      throw ConfigError("url: name the server (--url), or a stopped server's folder (--data-dir)");
    }
    const bool is_folder = std::filesystem::is_directory(options.output);
    if (options.keep > 0 && !is_folder) {
      throw ConfigError("keep: \"" + options.output + "\" is no folder that is there");
    }
    BackupFile file(options.output);
    if (options.url.empty()) {
      copy_folder(options.data_dir, file);
    } else {
      WireClient(options.url).copy_out("CALL dvecdb_backup()", [&file](std::string_view bytes) {
        file.add(bytes);
      });
    }
    const storage::BackupManifest manifest = file.finish();
    fmt::print("{}: {} files, {} bytes, as of {}\n", file.path(), manifest.files.size(),
               file.bytes(), manifest.created);
    if (options.keep > 0) {
      const int removed = keep_newest_backups(options.output, options.keep);
      if (removed > 0) fmt::print("removed {} older\n", removed);
    }
    return EXIT_SUCCESS;
  }

 private:
  Options options_;
};

}  // namespace

std::unique_ptr<Command> make_backup_command() {
  return std::make_unique<BackupCommand>();
}

}  // namespace dvecdb::server::app
