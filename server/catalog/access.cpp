#include "server/catalog/access.h"

namespace dvecdb::server::catalog {

using types::Value;

namespace {

constexpr std::string_view api_key_columns = "id, role, label, created, valid_until, digest";

ApiKeyDesc read_api_key(storage::Statement& row) {
  ApiKeyDesc key;
  key.id = row.column(0).as_integer();
  key.role = static_cast<Oid>(row.column(1).as_integer());
  key.label = row.column(2).as_bytes();
  key.created = row.column(3).as_integer();
  if (!row.column(4).is_null()) key.valid_until = row.column(4).as_integer();
  key.digest = row.column(5).as_bytes();
  return key;
}

storage::Statement select_api_keys(storage::Connection& connection, const std::string& rest) {
  return connection.prepare("SELECT " + std::string(api_key_columns) + " FROM global.api_keys " +
                            rest);
}

}  // namespace

void create_access_tables(storage::Connection& connection) {
  connection.execute(
      "CREATE TABLE IF NOT EXISTS global.api_keys (id INTEGER PRIMARY KEY AUTOINCREMENT, role, "
      "label, created, valid_until, digest)");
  connection.execute("CREATE TABLE IF NOT EXISTS global.folder_secret (secret)");
  connection.execute(
      "INSERT INTO global.folder_secret SELECT randomblob(32) "
      "WHERE NOT EXISTS (SELECT 1 FROM global.folder_secret)");
}

std::string folder_secret(storage::Connection& connection) {
  storage::Statement select = connection.prepare("SELECT secret FROM global.folder_secret");
  return select.step() ? std::string(select.column(0).as_bytes()) : std::string();
}

std::int64_t insert_api_key(storage::Connection& connection, const ApiKeyDesc& key) {
  storage::Statement insert = connection.prepare(
      "INSERT INTO global.api_keys (role, label, created, valid_until, digest) "
      "VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id");
  insert.bind(1, Value::integer(key.role));
  insert.bind(2, Value::text(key.label));
  insert.bind(3, Value::integer(key.created));
  insert.bind(4, key.valid_until ? Value::integer(*key.valid_until) : Value::null());
  insert.bind(5, Value::blob(key.digest));
  insert.step();
  const std::int64_t id = insert.column(0).as_integer();
  insert.run();
  return id;
}

std::optional<ApiKeyDesc> find_api_key(storage::Connection& connection, std::int64_t id) {
  storage::Statement select = select_api_keys(connection, "WHERE id = ?1");
  select.bind(1, Value::integer(id));
  if (!select.step()) return std::nullopt;
  return read_api_key(select);
}

std::vector<ApiKeyDesc> all_api_keys(storage::Connection& connection) {
  std::vector<ApiKeyDesc> keys;
  storage::Statement select = select_api_keys(connection, "ORDER BY id");
  while (select.step()) keys.push_back(read_api_key(select));
  return keys;
}

void delete_api_key(storage::Connection& connection, std::int64_t id) {
  storage::Statement erase = connection.prepare("DELETE FROM global.api_keys WHERE id = ?1");
  erase.bind(1, Value::integer(id));
  erase.run();
}

void delete_api_keys_of(storage::Connection& connection, Oid role) {
  storage::Statement erase = connection.prepare("DELETE FROM global.api_keys WHERE role = ?1");
  erase.bind(1, Value::integer(role));
  erase.run();
}

}  // namespace dvecdb::server::catalog
