#include "server/storage/connection.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <mutex>
#include <utility>

#include "server/storage/statement_cache.h"
#include "server/storage/store_error.h"
#include "server/storage/timed_files.h"

namespace dvecdb::server::storage {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::size_t cached_statements = 256;
// Operations of SQLite's machine between two looks at the cancel marks: some tens of microseconds.
constexpr int operations_per_check = 2000;
constexpr int lock_wait_milliseconds = 10000;

struct Limit {
  int id;
  int value;
};

// SQLite's compiled-in values are the upper bounds; a larger number here means "as it allows".
constexpr Limit limits[] = {
    {SQLITE_LIMIT_LENGTH, 1 << 30},
    {SQLITE_LIMIT_SQL_LENGTH, 1 << 30},
    {SQLITE_LIMIT_COLUMN, 32767},
    {SQLITE_LIMIT_COMPOUND_SELECT, 32767},
    {SQLITE_LIMIT_FUNCTION_ARG, 127},
    {SQLITE_LIMIT_ATTACHED, 10},
    {SQLITE_LIMIT_VARIABLE_NUMBER, 1 << 20},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
};

// Before the first connection. SQLite would count its memory under one lock, which all threads
// would meet at at every allocation.
void prepare_sqlite() {
  static std::once_flag once;
  std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

void set_option(sqlite3* handle, int option, int value) {
  sqlite3_db_config(handle, option, value, nullptr);
}

}  // namespace

Connection::Connection(const ConnectionOptions& options)
    : cache_(std::make_unique<StatementCache>(cached_statements)) {
  prepare_sqlite();
  const int access =
      options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int flags = access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(options.path.c_str(), &handle_, flags, timed_files());
  if (code != SQLITE_OK) {
    const std::string message = handle_ == nullptr ? "out of memory" : sqlite3_errmsg(handle_);
    sqlite3_close(handle_);
    throw_open_error(code, options.path, message);
  }
  try {
    configure(options);
  } catch (...) {
    cache_->clear();
    sqlite3_close(handle_);
    throw;
  }
}

Connection::~Connection() {
  cache_->clear();
  sqlite3_close(handle_);
}

void Connection::configure(const ConnectionOptions& options) {
  sqlite3_busy_timeout(handle_, lock_wait_milliseconds);
  set_option(handle_, SQLITE_DBCONFIG_DQS_DML, 0);
  set_option(handle_, SQLITE_DBCONFIG_DQS_DDL, 0);
  set_option(handle_, SQLITE_DBCONFIG_ENABLE_FKEY, 0);
  set_option(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1);  // views and triggers call our functions
  set_option(handle_, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0);
  set_option(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1);
  set_option(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, options.read_only ? 1 : 0);
  for (const Limit& limit : limits) sqlite3_limit(handle_, limit.id, limit.value);
  if (!options.read_only) {
    execute(
        fmt::format("PRAGMA page_size = {}; PRAGMA auto_vacuum = NONE;"
                    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                    // Checkpoints run in the background, never in a commit.
                    "PRAGMA wal_autocheckpoint = 0;"
                    // A row replaced by INSERT OR REPLACE must reach the delete triggers.
                    "PRAGMA recursive_triggers = ON;",
                    options.page_size));
  }
  execute(
      fmt::format("PRAGMA temp_store = MEMORY; PRAGMA secure_delete = OFF;"
                  "PRAGMA cache_size = -{}; PRAGMA mmap_size = {};",
                  options.cache_bytes / 1024, options.mmap_bytes));
  sqlite3_progress_handler(handle_, operations_per_check, &Connection::on_progress, this);
}

void Connection::attach(const std::string& path, std::string_view name, bool read_only) {
  // A plain path, not a URI, so that no character of it has a meaning; the mode needs the URI form.
  const auto statement = [&](const std::string& target) {
    Statement attach_statement = prepare("ATTACH ?1 AS ?2");
    attach_statement.bind(1, Value::text(target));
    attach_statement.bind(2, Value::text_view(name));
    attach_statement.run();
  };
  if (!read_only) {
    statement(path);
    execute(
        fmt::format("PRAGMA \"{0}\".journal_mode = WAL; PRAGMA \"{0}\".synchronous = FULL;", name));
    return;
  }
  std::string escaped;
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      escaped += c;
    }
  }
  statement("file:" + escaped + "?mode=ro");
}

Statement Connection::prepare(std::string_view sql) {
  return {this, compile(sql)};
}

sqlite3_stmt* Connection::compile(std::string_view sql) {
  if (sqlite3_stmt* cached = cache_->take(sql)) return cached;
  sqlite3_stmt* handle = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
  if (code != SQLITE_OK) fail(code);
  if (handle == nullptr) {
    throw SqlError(sqlstate::internal_error, "the store was given an empty statement");
  }
  return handle;
}

void Connection::control(std::string_view sql) {
  const Statement statement(this, compile(sql));
  if (step(statement.handle()) != SQLITE_DONE) fail(sqlite3_reset(statement.handle()));
}

void Connection::execute(std::string_view sql) {
  const char* rest = sql.data();
  const char* end = sql.data() + sql.size();
  while (rest != end) {
    sqlite3_stmt* handle = nullptr;
    const int code =
        sqlite3_prepare_v2(handle_, rest, static_cast<int>(end - rest), &handle, &rest);
    if (code != SQLITE_OK) fail(code);
    if (handle == nullptr) continue;  // a comment or blanks
    struct Finalizer {
      sqlite3_stmt* handle;
      ~Finalizer() { sqlite3_finalize(handle); }
    };
    const Finalizer finalizer{handle};
    int step_code = SQLITE_ROW;
    while (step_code == SQLITE_ROW) step_code = step(handle);
    if (step_code != SQLITE_DONE) fail(sqlite3_reset(handle));
  }
}

std::int64_t Connection::last_insert_rowid() const {
  return sqlite3_last_insert_rowid(handle_);
}

std::int64_t Connection::changes() const {
  return sqlite3_changes64(handle_);
}

bool Connection::in_transaction() const {
  return sqlite3_get_autocommit(handle_) == 0;
}

bool Connection::cancel_requested() const {
  return interrupted_ || (cancelled_ != nullptr && *cancelled_);
}

int Connection::on_progress(void* self) {
  const auto& connection = *static_cast<Connection*>(self);
  if (connection.writes_protected_ && !connection.running_read_only_) return 0;
  return connection.cancel_requested() ? 1 : 0;
}

void Connection::set_pending_error(std::exception_ptr error) {
  pending_error_ = std::move(error);
}

int Connection::step(sqlite3_stmt* handle) {
  if (depth_ == 0) pending_error_ = nullptr;
  const bool outer_read_only = running_read_only_;
  running_read_only_ = sqlite3_stmt_readonly(handle) != 0;
  ++depth_;
  const int code = sqlite3_step(handle);
  --depth_;
  running_read_only_ = outer_read_only;
  return code;
}

void Connection::fail(int code) {
  if (pending_error_) std::rethrow_exception(std::exchange(pending_error_, nullptr));
  throw_store_error(handle_, code);
}

void Connection::give_back(sqlite3_stmt* handle) {
  sqlite3_reset(handle);
  sqlite3_clear_bindings(handle);
  cache_->put(handle);
}

}  // namespace dvecdb::server::storage
