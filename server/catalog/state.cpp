#include "server/catalog/state.h"

#include <atomic>
#include <chrono>
#include <string>

#include "server/catalog/snapshot.h"

namespace dvecdb::server::catalog {

namespace {

using types::Value;

std::string state_table(bool shared) {
  return shared ? "global.catalog_state" : "main.catalog_state";
}

}  // namespace

void create_state(storage::Connection& connection, bool shared) {
  const std::string table = state_table(shared);
  connection.execute("CREATE TABLE " + table + " (version, next_oid)");
  storage::Statement insert = connection.prepare("INSERT INTO " + table + " VALUES (?1, ?2)");
  insert.bind(1, Value::integer(static_cast<std::int64_t>(new_version())));
  // The first one is the extension vector's.
  insert.bind(2, Value::integer(first_user_oid + 1));
  insert.run();
}

std::uint64_t new_version() {
  // Starts where an earlier process cannot have been: the clock.
  static std::atomic<std::uint64_t> last{
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::system_clock::now().time_since_epoch())
                                     .count())};
  return ++last;
}

std::uint64_t catalog_version(storage::Connection& connection) {
  storage::Statement select = connection.prepare(
      "SELECT (SELECT version FROM main.catalog_state), "
      "(SELECT version FROM global.catalog_state)");
  select.step();
  constexpr std::uint64_t golden_ratio = 0x9E3779B97F4A7C15;
  return static_cast<std::uint64_t>(select.column(0).as_integer()) * golden_ratio +
         static_cast<std::uint64_t>(select.column(1).as_integer());
}

void bump_version(storage::Connection& connection, bool shared) {
  storage::Statement update =
      connection.prepare("UPDATE " + state_table(shared) + " SET version = ?1");
  update.bind(1, Value::integer(static_cast<std::int64_t>(new_version())));
  update.run();
}

types::Oid allocate_oid(storage::Connection& connection, bool shared) {
  const std::string table = state_table(shared);
  storage::Statement select = connection.prepare("SELECT next_oid FROM " + table);
  select.step();
  const auto oid = static_cast<types::Oid>(select.column(0).as_integer());
  select.reset();
  connection.prepare("UPDATE " + table + " SET next_oid = next_oid + 1").run();
  return oid;
}

}  // namespace dvecdb::server::catalog
