#include "server/storage/database.h"

#include <sqlite3.h>

#include <mutex>
#include <utility>
#include <vector>

#include "server/storage/change_log.h"
#include "server/storage/database_indexes.h"
#include "server/storage/dimension_check.h"
#include "server/storage/file_system.h"
#include "server/storage/knn_table.h"
#include "server/storage/log_checkpointer.h"
#include "server/storage/store_counters.h"
#include "server/storage/writer.h"

namespace dvecdb::server::storage {

namespace {

constexpr std::size_t idle_readers_kept = 128;
constexpr int shared_log_pages = 1000;
// After a burst the log file goes back to this size when it starts anew.
constexpr const char* limit_log_file = "PRAGMA journal_size_limit = 67108864";

// What a reader's cache did since it was counted last.
void count_pages(sqlite3* handle) {
  const auto take = [handle](int counter, std::atomic<std::uint64_t>& total) {
    int current = 0;
    int highest = 0;
    sqlite3_db_status(handle, counter, &current, &highest, 1);
    total.fetch_add(static_cast<std::uint64_t>(current), std::memory_order_relaxed);
  };
  take(SQLITE_DBSTATUS_CACHE_HIT, store_counters().pages.hits);
  take(SQLITE_DBSTATUS_CACHE_MISS, store_counters().pages.misses);
}

}  // namespace

struct Database::Impl {
  Impl(std::string folder_in, std::string global_path_in, DatabaseOptions options_in,
       ConnectionSetup setup_in)
      : folder(std::move(folder_in)),
        global_path(std::move(global_path_in)),
        options(std::move(options_in)),
        setup(std::move(setup_in)) {
    make_folder(folder);
    writer = std::make_unique<Writer>(connect(false), options.commit_gate, [this] { on_commit(); });
    Connection& connection = writer->connection();
    connection.execute(limit_log_file);
    if (!change_log::has_tables(connection)) {
      writer->run_grouped({}, [](Connection& own) { change_log::create_tables(own); });
    }
    sqlite3_wal_hook(connection.handle(), &Impl::on_log_write, this);
    sqlite3_update_hook(connection.handle(), &Impl::on_row_change, this);
    sync_folder(folder);
    checkpointer = std::make_unique<LogCheckpointer>(connect_plain(), *writer);
  }

  std::string rows_path() const { return folder + "/rows.db"; }

  std::unique_ptr<Connection> connect_plain() const {
    return std::make_unique<Connection>(ConnectionOptions{.path = rows_path(),
                                                          .read_only = false,
                                                          .page_size = options.page_size,
                                                          .cache_bytes = 1 << 20,
                                                          .mmap_bytes = options.mmap_bytes});
  }

  std::unique_ptr<Connection> connect(bool read_only) {
    auto connection = std::make_unique<Connection>(ConnectionOptions{
        .path = rows_path(),
        .read_only = read_only,
        .page_size = options.page_size,
        .cache_bytes = read_only ? options.cache_bytes_per_reader : options.cache_bytes_of_writer,
        .mmap_bytes = options.mmap_bytes});
    if (!global_path.empty()) connection->attach(global_path, "global", read_only);
    if (setup) setup(*connection);
    dimension_check::register_function(*connection);
    register_knn(*connection,
                 [this, read_only](Oid index) { return indexes->find(index, !read_only); });
    return connection;
  }

  std::unique_ptr<Connection> take_reader() {
    {
      const std::lock_guard lock(readers_mutex);
      if (!idle_readers.empty()) {
        auto connection = std::move(idle_readers.back());
        idle_readers.pop_back();
        return connection;
      }
    }
    return connect(true);
  }

  void give_back(std::unique_ptr<Connection> connection) noexcept {
    connection->set_session(nullptr);
    connection->watch_cancel(nullptr);
    count_pages(connection->handle());
    try {
      if (connection->in_transaction()) connection->execute("ROLLBACK");
      const std::lock_guard lock(readers_mutex);
      if (idle_readers.size() < idle_readers_kept) idle_readers.push_back(std::move(connection));
    } catch (...) {
      // A connection that cannot be cleaned is closed.
    }
  }

  // SQLite calls this after each commit with the pages now in the log.
  static int on_log_write(void* self, sqlite3* handle, const char* name, int pages) {
    auto& impl = *static_cast<Impl*>(self);
    const bool is_rows = std::string_view(name) == "main";
    if (is_rows && impl.checkpointer) {
      impl.checkpointer->on_log_size(std::int64_t{pages} * impl.options.page_size);
    }
    // The shared file changes seldom and little: whoever writes it copies its log.
    if (!is_rows && pages > shared_log_pages) {
      sqlite3_wal_checkpoint_v2(handle, name, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    }
    return SQLITE_OK;
  }

  // SQLite calls this for each row that the writer changes.
  static void on_row_change(void* self, int operation, const char*, const char* table,
                            sqlite3_int64) {
    const bool is_logged = operation == SQLITE_INSERT && std::string_view(table) == "dv_changes";
    if (is_logged) static_cast<Impl*>(self)->has_new_changes = true;
  }

  // By the committing thread, with the turn to write.
  void on_commit() {
    if (has_new_changes && indexes) indexes->on_changes();
    has_new_changes = false;
  }

  const std::string folder;
  const std::string global_path;
  const DatabaseOptions options;
  const ConnectionSetup setup;
  std::unique_ptr<Writer> writer;
  bool has_new_changes = false;  // touched with the turn to write
  std::unique_ptr<LogCheckpointer> checkpointer;
  std::mutex readers_mutex;
  std::vector<std::unique_ptr<Connection>> idle_readers;
  std::unique_ptr<DatabaseIndexes> indexes;  // its keepers use all of the above
};

ReaderLease::ReaderLease(ReaderLease&& other) noexcept
    : database_(other.database_), connection_(std::move(other.connection_)) {}

ReaderLease& ReaderLease::operator=(ReaderLease&& other) noexcept {
  std::swap(database_, other.database_);
  std::swap(connection_, other.connection_);
  return *this;
}

ReaderLease::~ReaderLease() {
  if (connection_) database_->impl_->give_back(std::move(connection_));
}

WriterLease::WriterLease(WriterLease&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

WriterLease& WriterLease::operator=(WriterLease&& other) noexcept {
  std::swap(database_, other.database_);
  return *this;
}

WriterLease::~WriterLease() {
  if (database_ != nullptr) rollback();
}

Connection& WriterLease::connection() const {
  return database_->impl_->writer->connection();
}

void WriterLease::commit() {
  std::exchange(database_, nullptr)->impl_->writer->commit();
}

void WriterLease::rollback() {
  std::exchange(database_, nullptr)->impl_->writer->rollback();
}

Database::Database(std::string folder, std::string global_path, DatabaseOptions options,
                   ConnectionSetup setup)
    : impl_(std::make_unique<Impl>(std::move(folder), std::move(global_path), std::move(options),
                                   std::move(setup))) {
  impl_->indexes = std::make_unique<DatabaseIndexes>(*this);
}

Database::~Database() = default;

ReaderLease Database::reader() {
  ReaderLease lease;
  lease.connection_ = impl_->take_reader();
  lease.database_ = this;
  return lease;
}

WriterLease Database::begin(const WriteRequest& request) {
  impl_->writer->begin(request);
  WriterLease lease;
  lease.database_ = this;
  return lease;
}

void Database::run_grouped(const WriteRequest& request,
                           const std::function<void(Connection&)>& work) {
  impl_->writer->run_grouped(request, work);
}

VectorIndexes& Database::vector_indexes() {
  return *impl_->indexes;
}

std::string Database::folder() const {
  return impl_->folder;
}

std::int64_t Database::bytes_on_disk() const {
  return file_bytes(impl_->rows_path()) + log_bytes();
}

std::int64_t Database::log_bytes() const {
  return file_bytes(impl_->rows_path() + "-wal");
}

std::chrono::milliseconds Database::commit_time() const {
  return impl_->writer->commit_time();
}

void Database::checkpoint() {
  impl_->checkpointer->run();
}

}  // namespace dvecdb::server::storage
