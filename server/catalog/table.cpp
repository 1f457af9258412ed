#include "server/catalog/table.h"

#include "server/catalog/snapshot.h"
#include "server/types/array.h"
#include "server/types/oids.h"

namespace dvecdb::server::catalog {

namespace {

namespace oids = types::oids;

template <typename Number>
Value number_array(Oid element, const std::vector<Number>& numbers, int lower_bound) {
  std::vector<Value> elements;
  for (const Number number : numbers) elements.push_back(Value::integer(number));
  types::Array array = types::make_array(element, std::move(elements));
  for (types::ArrayDimension& dimension : array.dimensions) dimension.lower_bound = lower_bound;
  return types::encode_array(array);
}

Value strings(Oid element, const std::vector<std::string>& texts) {
  std::vector<Value> elements;
  for (const std::string& text : texts) elements.push_back(Value::text_view(text));
  return types::encode_array(types::make_array(element, std::move(elements)));
}

std::string column_name(int column) {
  return "c" + std::to_string(column);
}

std::string where_clause(const ColumnValues& equal, int first_parameter) {
  std::string sql;
  for (const ColumnValue& one : equal) {
    sql += sql.empty() ? " WHERE " : " AND ";
    sql += column_name(one.column) + " = ?" + std::to_string(first_parameter++);
  }
  return sql;
}

void bind_all(storage::Statement& statement, const ColumnValues& values, int first_parameter) {
  for (const ColumnValue& one : values) statement.bind(first_parameter++, one.value);
}

std::string select_list(const CatalogTable& table) {
  std::string sql = "SELECT rowid";
  for (int column = 1; column <= table.columns; ++column) sql += ", " + column_name(column);
  return sql + " FROM " + std::string(table.store_name);
}

std::vector<StoreRow> fetch(storage::Statement& statement, const CatalogTable& table) {
  std::vector<StoreRow> rows;
  while (statement.step()) {
    std::vector<Value> values;
    values.reserve(table.columns);
    for (int column = 1; column <= table.columns; ++column) {
      values.push_back(statement.column(column));
      values.back().own();
    }
    rows.emplace_back(statement.column(0).as_integer(), std::move(values));
  }
  return rows;
}

Value zero_value(const query::ColumnDesc& column) {
  if (!column.not_null) return Value::null();
  switch (column.type.oid) {
    case oids::name:
    case oids::text:
    case oids::internal_char:
    case oids::pg_node_tree:
      return Value::text("");
    case oids::float4:
      return Value::real(0);
    case oids::oidvector:
      return oid_vector({});
    case oids::int2vector:
      return int2_vector({});
    default:
      return Value::integer(0);
  }
}

}  // namespace

Value text_value(std::string_view text) {
  return Value::text(std::string(text));
}
Value char_value(char c) {
  return Value::text(c == '\0' ? std::string() : std::string(1, c));
}
Value oid_vector(const std::vector<Oid>& numbers) {
  return number_array(oids::oid, numbers, 0);
}
Value int2_vector(const std::vector<std::int16_t>& numbers) {
  return number_array(oids::int2, numbers, 0);
}
Value int2_array(const std::vector<std::int16_t>& numbers) {
  return number_array(oids::int2, numbers, 1);
}
Value oid_array(const std::vector<Oid>& numbers) {
  return number_array(oids::oid, numbers, 1);
}
Value text_array(const std::vector<std::string>& texts) {
  return strings(oids::text, texts);
}
Value aclitem_array(const std::vector<std::string>& items) {
  return strings(oids::aclitem, items);
}

std::vector<StoreRow> find_rows(storage::Connection& connection, const CatalogTable& table,
                                const ColumnValues& equal) {
  storage::Statement statement =
      connection.prepare(select_list(table) + where_clause(equal, 1) + " ORDER BY rowid");
  bind_all(statement, equal, 1);
  return fetch(statement, table);
}

std::vector<StoreRow> find_user_rows(storage::Connection& connection, const CatalogTable& table,
                                     int column) {
  storage::Statement statement = connection.prepare(select_list(table) + " WHERE " +
                                                    column_name(column) + " >= ?1 ORDER BY rowid");
  statement.bind(1, oid_value(first_user_oid));
  return fetch(statement, table);
}

void insert_row(storage::Connection& connection, const CatalogTable& table,
                const ColumnValues& values) {
  const RelationDesc* relation = Snapshot::builtin()->find_relation(table.oid);
  std::vector<Value> row;
  for (const query::ColumnDesc& column : relation->columns) row.push_back(zero_value(column));
  for (const ColumnValue& one : values) row[one.column - 1] = one.value;
  std::string sql = "INSERT INTO " + std::string(table.store_name) + " VALUES (";
  for (int column = 1; column <= table.columns; ++column) {
    sql += (column == 1 ? "?" : ", ?") + std::to_string(column);
  }
  storage::Statement statement = connection.prepare(sql + ")");
  for (int column = 1; column <= table.columns; ++column) statement.bind(column, row[column - 1]);
  statement.run();
}

void update_rows(storage::Connection& connection, const CatalogTable& table,
                 const ColumnValues& equal, const ColumnValues& changes) {
  std::string sql = "UPDATE " + std::string(table.store_name) + " SET ";
  int parameter = 1;
  for (const ColumnValue& change : changes) {
    if (parameter > 1) sql += ", ";
    sql += column_name(change.column) + " = ?" + std::to_string(parameter++);
  }
  storage::Statement statement = connection.prepare(sql + where_clause(equal, parameter));
  bind_all(statement, changes, 1);
  bind_all(statement, equal, parameter);
  statement.run();
}

void delete_rows(storage::Connection& connection, const CatalogTable& table,
                 const ColumnValues& equal) {
  storage::Statement statement =
      connection.prepare("DELETE FROM " + std::string(table.store_name) + where_clause(equal, 1));
  bind_all(statement, equal, 1);
  statement.run();
}

}  // namespace dvecdb::server::catalog
