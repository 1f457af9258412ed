#include "server/storage/change_log.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace dvecdb::server::storage::change_log {

namespace {

struct Trigger {
  std::string_view suffix;
  std::string_view event;
  std::string_view row;
};

// An update that moves a row to another id is a change of both ids.
constexpr std::array triggers{
    Trigger{"insert", "INSERT", "NEW"},
    Trigger{"update", "UPDATE", "NEW"},
    Trigger{"move", "UPDATE", "OLD"},
    Trigger{"delete", "DELETE", "OLD"},
};

std::string trigger_name(Oid table_oid, const Trigger& trigger) {
  return fmt::format("dv_log_{}_{}", table_oid, trigger.suffix);
}

void create_triggers(Connection& writer, Oid table_oid, const std::string& table) {
  for (const Trigger& trigger : triggers) {
    const std::string_view condition =
        trigger.suffix == "move" ? "WHEN OLD.rowid <> NEW.rowid" : "";
    writer.execute(fmt::format(
        "CREATE TRIGGER IF NOT EXISTS {} AFTER {} ON \"{}\" {} BEGIN"
        " INSERT INTO dv_changes (table_oid, id) VALUES ({}, {}.rowid);"
        " END",
        trigger_name(table_oid, trigger), trigger.event, table, condition, table_oid, trigger.row));
  }
}

std::int64_t integer_of(Connection& connection, std::string_view sql, std::int64_t parameter = 0) {
  Statement statement = connection.prepare(sql);
  if (statement.parameter_count() > 0) statement.bind(1, Value::integer(parameter));
  return statement.step() ? statement.column(0).as_integer() : 0;
}

}  // namespace

bool has_tables(Connection& connection) {
  return integer_of(connection,
                    "SELECT count(*) FROM main.sqlite_schema WHERE name = 'dv_pruned'") > 0;
}

void create_tables(Connection& writer) {
  writer.execute(
      "CREATE TABLE main.dv_changes ("
      " sequence INTEGER PRIMARY KEY, table_oid INTEGER NOT NULL, id INTEGER NOT NULL);"
      "CREATE TABLE main.dv_vector_indexes ("
      " index_oid INTEGER PRIMARY KEY, table_oid INTEGER NOT NULL, identity BLOB NOT NULL);"
      "CREATE TABLE main.dv_pruned (only INTEGER PRIMARY KEY, up_to INTEGER NOT NULL);"
      "INSERT INTO main.dv_pruned VALUES (1, 0)");
}

std::string add_index(Connection& writer, Oid index, Oid table_oid, const std::string& table) {
  create_triggers(writer, table_oid, table);
  Statement statement = writer.prepare(
      "INSERT OR REPLACE INTO main.dv_vector_indexes VALUES (?1, ?2, randomblob(16)) RETURNING "
      "identity");
  statement.bind(1, Value::integer(index));
  statement.bind(2, Value::integer(table_oid));
  statement.step();
  std::string identity(statement.column(0).as_bytes());
  statement.run();
  return identity;
}

void remove_index(Connection& writer, Oid index, Oid table_oid) {
  Statement statement = writer.prepare("DELETE FROM main.dv_vector_indexes WHERE index_oid = ?1");
  statement.bind(1, Value::integer(index));
  statement.run();
  const bool is_used =
      integer_of(writer, "SELECT count(*) FROM main.dv_vector_indexes WHERE table_oid = ?1",
                 table_oid) > 0;
  if (is_used) return;
  for (const Trigger& trigger : triggers) {
    writer.execute("DROP TRIGGER IF EXISTS " + trigger_name(table_oid, trigger));
  }
}

std::string identity_of(Connection& connection, Oid index) {
  Statement statement =
      connection.prepare("SELECT identity FROM main.dv_vector_indexes WHERE index_oid = ?1");
  statement.bind(1, Value::integer(index));
  return statement.step() ? std::string(statement.column(0).as_bytes()) : std::string();
}

std::int64_t index_count(Connection& connection) {
  return integer_of(connection, "SELECT count(*) FROM main.dv_vector_indexes");
}

std::int64_t last_sequence(Connection& connection) {
  return integer_of(connection, "SELECT max(sequence) FROM main.dv_changes");
}

std::vector<Change> read(Connection& connection, Oid table_oid, std::int64_t after) {
  Statement statement = connection.prepare(
      "SELECT sequence, id FROM main.dv_changes WHERE sequence > ?1 AND table_oid = ?2"
      " ORDER BY sequence");
  statement.bind(1, Value::integer(after));
  statement.bind(2, Value::integer(table_oid));
  std::vector<Change> changes;
  while (statement.step()) {
    changes.push_back({statement.column(0).as_integer(), statement.column(1).as_integer()});
  }
  return changes;
}

std::int64_t pruned_up_to(Connection& connection) {
  return integer_of(connection, "SELECT up_to FROM main.dv_pruned");
}

bool prune(Connection& writer, std::int64_t up_to, std::int64_t limit) {
  Statement bound = writer.prepare(
      "SELECT max(sequence) FROM (SELECT sequence FROM main.dv_changes"
      " WHERE sequence <= ?1 AND sequence < (SELECT max(sequence) FROM main.dv_changes)"
      " ORDER BY sequence LIMIT ?2)");
  bound.bind(1, Value::integer(up_to));
  bound.bind(2, Value::integer(limit));
  if (!bound.step() || bound.column(0).is_null()) return false;
  const std::int64_t last = bound.column(0).as_integer();
  bound.reset();
  Statement remove = writer.prepare("DELETE FROM main.dv_changes WHERE sequence <= ?1");
  remove.bind(1, Value::integer(last));
  remove.run();
  const std::int64_t removed = writer.changes();
  Statement note = writer.prepare("UPDATE main.dv_pruned SET up_to = ?1");
  note.bind(1, Value::integer(last));
  note.run();
  return removed >= limit;
}

}  // namespace dvecdb::server::storage::change_log
