#include "server/storage/backup.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "server/storage/file_system.h"

namespace dvecdb::server::storage {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::uint64_t piece_bytes = 256 << 10;
constexpr int pages_between_checks = 512;
// What health calls a full disk stays free.
constexpr std::int64_t spared_bytes = std::int64_t{64} << 20;

std::int64_t number_of(Connection& connection, const std::string& sql) {
  Statement statement = connection.prepare(sql);
  statement.step();
  return statement.column(0).as_integer();
}

[[noreturn]] void throw_copy_error(int code) {
  throw SqlError(code == SQLITE_FULL ? sqlstate::disk_full : sqlstate::io_error,
                 fmt::format("could not copy a database for the backup: {}", sqlite3_errstr(code)));
}

// A row store that is written once: without a journal and not synced, as it is for reading only.
class CopyTarget {
 public:
  explicit CopyTarget(const std::string& path) {
    const int code = sqlite3_open_v2(path.c_str(), &handle_,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
    if (code != SQLITE_OK) {
      sqlite3_close(handle_);
      throw_copy_error(code);
    }
    sqlite3_exec(handle_, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", nullptr, nullptr,
                 nullptr);
  }
  ~CopyTarget() { sqlite3_close(handle_); }
  CopyTarget(const CopyTarget&) = delete;
  CopyTarget& operator=(const CopyTarget&) = delete;

  // What the source's transaction sees of its database `name`.
  void fill(Connection& source, const char* name, const std::function<void()>& check) {
    sqlite3_backup* const backup = sqlite3_backup_init(handle_, "main", source.handle(), name);
    if (backup == nullptr) throw_copy_error(sqlite3_errcode(handle_));
    struct Finish {
      sqlite3_backup* backup;
      ~Finish() { sqlite3_backup_finish(backup); }
    };
    const Finish finish{backup};
    int code = SQLITE_OK;
    while (code == SQLITE_OK) {
      check();
      code = sqlite3_backup_step(backup, pages_between_checks);
    }
    if (code != SQLITE_DONE) throw_copy_error(code);
  }

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace

// The read transactions of one moment.
class Backup::Moment {
 public:
  // Nothing when a database has come that is not among those: the caller tries again.
  static std::unique_ptr<Moment> take(Store& store, std::vector<Part>& indexes) {
    auto moment = std::make_unique<Moment>(store);
    const CommitGate::Closed closed(store.commit_gate());
    if (store.stored_databases() != moment->oids_) return nullptr;
    for (Reader& reader : moment->readers_) reader.begin();
    for (const Reader& reader : moment->readers_) reader.open_indexes(indexes);
    return moment;
  }

  explicit Moment(Store& store) : oids_(store.stored_databases()) {
    for (const Oid oid : oids_) readers_.emplace_back(store.database(oid), oid);
  }

  struct Reader {
    Reader(std::shared_ptr<Database> database_in, Oid oid_in)
        : oid(oid_in), database(std::move(database_in)), lease(database->reader()) {}

    // A snapshot begins with the first read.
    void begin() const {
      lease.connection().execute("BEGIN");
      number_of(lease.connection(), "SELECT count(*) FROM main.sqlite_schema");
      number_of(lease.connection(), "SELECT count(*) FROM global.sqlite_schema");
    }
    std::int64_t bytes_of(const char* name) const {
      return number_of(lease.connection(), fmt::format("PRAGMA {}.page_count", name)) *
             number_of(lease.connection(), fmt::format("PRAGMA {}.page_size", name));
    }
    void open_indexes(std::vector<Part>& parts) const;

    Oid oid;
    std::shared_ptr<Database> database;
    ReaderLease lease;
  };
  const std::vector<Reader>& readers() const { return readers_; }

 private:
  std::vector<Oid> oids_;
  std::vector<Reader> readers_;
};

// A file that is replaced later stays as it is for who has it open; one that is appended to grows
// past the length noted here.
void Backup::Moment::Reader::open_indexes(std::vector<Part>& parts) const {
  const std::string folder = database->folder() + "/index";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".hnsw") continue;
    try {
      OpenFile file(entry.path().string(), O_RDONLY);
      const std::uint64_t bytes = file.bytes();
      parts.push_back({fmt::format("base/{}/index/{}", oid, entry.path().filename().string()),
                       std::move(file), bytes});
    } catch (const SqlError&) {
      // Of an index that was dropped: its file goes after the commit.
      if (std::filesystem::exists(entry.path())) throw;
    }
  }
}

Backup::Backup(Store& store, const std::function<void()>& check) {
  std::vector<Part> indexes;
  std::unique_ptr<Moment> moment;
  while (!moment) {
    check();
    moment = Moment::take(store, indexes);
  }
  moment_ = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  writer_ =
      std::make_unique<ArchiveWriter>(fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(moment_)));
  copy(store, *moment, check);
  for (Part& index : indexes) parts_.push_back(std::move(index));
}

void Backup::copy(Store& store, const Moment& moment, const std::function<void()>& check) {
  const Moment::Reader& first = moment.readers().front();
  std::int64_t needed = first.bytes_of("global");
  for (const Moment::Reader& reader : moment.readers()) needed += reader.bytes_of("main");
  const std::int64_t free = store.disk_free_bytes();
  if (needed + spared_bytes > free) {
    throw SqlError(sqlstate::disk_full,
                   fmt::format("a backup first copies {} bytes on the server's disk, which has {} "
                               "free, of which {} are spared",
                               needed, free, spared_bytes));
  }
  const std::string folder = store.data_dir() + "/backup.unfinished";
  make_folder(folder);
  const auto copy_one = [&](const Moment::Reader& reader, const char* source, std::string name) {
    const std::string path = fmt::format("{}/{}", folder, parts_.size());
    remove_tree(path);
    CopyTarget(path).fill(reader.lease.connection(), source, check);
    add_part(std::move(name), path);
    remove_tree(path);
  };
  add_part("format", store.data_dir() + "/format");
  copy_one(first, "global", "global.db");
  for (const Moment::Reader& reader : moment.readers()) {
    copy_one(reader, "main", fmt::format("base/{}/rows.db", reader.oid));
  }
  remove_tree(folder);
}

void Backup::add_part(std::string name, const std::string& path) {
  OpenFile file(path, O_RDONLY);
  const std::uint64_t bytes = file.bytes();
  parts_.push_back({std::move(name), std::move(file), bytes});
}

std::string Backup::next() {
  if (has_ended_) return "";
  if (current_ == parts_.size()) {
    has_ended_ = true;
    return writer_->finish();
  }
  const Part& part = parts_[current_];
  if (!has_begun_) {
    has_begun_ = true;
    position_ = 0;
    return writer_->begin(part.name, part.bytes);
  }
  if (position_ < part.bytes) return writer_->add(read_part(part));
  ++current_;
  has_begun_ = false;
  std::string padding = writer_->end();
  return padding.empty() ? next() : padding;
}

std::string Backup::read_part(const Part& part) {
  std::string piece(static_cast<std::size_t>(std::min(piece_bytes, part.bytes - position_)), '\0');
  // It may be short: an index file whose unfinished end was cut off meanwhile. The zeros that stay
  // are no change to an index.
  part.file.read_at(position_, piece.data(), piece.size());
  position_ += piece.size();
  return piece;
}

}  // namespace dvecdb::server::storage
