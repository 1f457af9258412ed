#include "server/storage/store_error.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <string_view>
#include <vector>

#include "server/storage/connection.h"

namespace dvecdb::server::storage {

namespace sqlstate = types::sqlstate;
using types::SqlError;

namespace {

struct Meaning {
  int code;  // primary result code of SQLite
  std::string_view state;
  std::string_view message;  // "": SQLite's own
};

constexpr Meaning meanings[] = {
    {SQLITE_FULL, sqlstate::disk_full, "could not extend the database: no space left on device"},
    {SQLITE_IOERR, sqlstate::io_error, ""},
    {SQLITE_CANTOPEN, sqlstate::io_error, ""},
    {SQLITE_CORRUPT, sqlstate::data_corrupted, ""},
    {SQLITE_NOTADB, sqlstate::data_corrupted, ""},
    {SQLITE_INTERRUPT, sqlstate::query_canceled, "canceling statement due to user request"},
    {SQLITE_ABORT, sqlstate::query_canceled, "canceling statement due to user request"},
    {SQLITE_BUSY, sqlstate::lock_not_available, "canceling statement due to lock timeout"},
    {SQLITE_LOCKED, sqlstate::object_in_use,
     "the relation is being used by active queries in this session"},
    {SQLITE_NOMEM, sqlstate::out_of_memory, "out of memory"},
    {SQLITE_READONLY, sqlstate::read_only_sql_transaction,
     "cannot execute statement in a read-only transaction"},
    {SQLITE_TOOBIG, sqlstate::program_limit_exceeded, "value is larger than the store can keep"},
};

constexpr Meaning constraint_meanings[] = {
    {SQLITE_CONSTRAINT_NOTNULL, sqlstate::not_null_violation, ""},
    {SQLITE_CONSTRAINT_CHECK, sqlstate::check_violation, ""},
    {SQLITE_CONSTRAINT_FOREIGNKEY, sqlstate::foreign_key_violation, ""},
};

// Limits of the store's own parser, which reports them as plain errors.
constexpr std::string_view complexity_messages[] = {
    "Expression tree is too large", "parser stack overflow", "at most 64 tables in a join",
    "too many terms in compound SELECT", "too many columns"};

class PlainStatement {
 public:
  PlainStatement(sqlite3* database, const std::string& sql) {
    sqlite3_prepare_v2(database, sql.c_str(), static_cast<int>(sql.size()), &handle_, nullptr);
  }
  ~PlainStatement() { sqlite3_finalize(handle_); }
  PlainStatement(const PlainStatement&) = delete;
  PlainStatement& operator=(const PlainStatement&) = delete;
  bool step() { return handle_ != nullptr && sqlite3_step(handle_) == SQLITE_ROW; }
  bool truth(int column) const { return sqlite3_column_int(handle_, column) != 0; }
  std::string text(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return bytes == nullptr ? std::string() : std::string(bytes);
  }

 private:
  sqlite3_stmt* handle_ = nullptr;
};

std::string columns_of_index(sqlite3* database, const std::string& table,
                             const std::string& index) {
  PlainStatement info(database, fmt::format("PRAGMA index_info(\"{}\")", index));
  std::string columns;
  while (info.step()) {
    if (!columns.empty()) columns += ", ";
    columns += table + "." + info.text(2);
  }
  return columns;
}

// SQLite names either the index ("index 'name'") or the columns ("table.a, table.b").
std::string violated_index(sqlite3* database, const std::string& message) {
  constexpr std::string_view prefix = "UNIQUE constraint failed: ";
  if (message.compare(0, prefix.size(), prefix) != 0) return {};
  const std::string what = message.substr(prefix.size());
  constexpr std::string_view index_prefix = "index '";
  if (what.compare(0, index_prefix.size(), index_prefix) == 0) {
    return what.substr(index_prefix.size(), what.size() - index_prefix.size() - 1);
  }
  const std::string table = what.substr(0, what.find('.'));
  PlainStatement list(database, fmt::format("PRAGMA index_list(\"{}\")", table));
  while (list.step()) {
    const bool unique = list.truth(2);
    if (unique && columns_of_index(database, table, list.text(1)) == what) return list.text(1);
  }
  return {};
}

[[noreturn]] void throw_constraint_error(sqlite3* database, int code, const std::string& message) {
  for (const Meaning& meaning : constraint_meanings) {
    if (meaning.code == code) throw SqlError(meaning.state, message);
  }
  const bool unique = code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                      code == SQLITE_CONSTRAINT_ROWID;
  if (unique) throw ConstraintError(message, violated_index(database, message));
  throw SqlError(sqlstate::integrity_constraint_violation, message);
}

std::string_view state_of_plain_error(const std::string& message) {
  for (const std::string_view text : complexity_messages) {
    if (message.find(text) != std::string::npos) return sqlstate::statement_too_complex;
  }
  return sqlstate::internal_error;
}

}  // namespace

ConstraintError::ConstraintError(std::string message, std::string index_name)
    : SqlError(sqlstate::unique_violation, std::move(message)),
      index_name_(std::move(index_name)) {}

void throw_store_error(sqlite3* database, int code) {
  const std::string message = sqlite3_errmsg(database);
  const int primary = code & 0xff;
  if (primary == SQLITE_CONSTRAINT) throw_constraint_error(database, code, message);
  if (code == SQLITE_BUSY_SNAPSHOT) {
    throw SqlError(sqlstate::serialization_failure,
                   "could not serialize access due to concurrent update");
  }
  for (const Meaning& meaning : meanings) {
    if (meaning.code != primary) continue;
    throw SqlError(meaning.state, meaning.message.empty() ? message : std::string(meaning.message));
  }
  throw SqlError(state_of_plain_error(message), message);
}

void throw_open_error(int code, const std::string& path, const std::string& message) {
  const int primary = code & 0xff;
  const bool damaged = primary == SQLITE_NOTADB || primary == SQLITE_CORRUPT;
  throw SqlError(damaged ? sqlstate::data_corrupted : sqlstate::io_error,
                 fmt::format("could not open database file \"{}\": {}", path, message));
}

}  // namespace dvecdb::server::storage
