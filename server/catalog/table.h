// Reading and changing catalog tables in the row store. Columns are attnums, values in their
// types' stored forms. The caller holds the transaction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/catalog/store_row.h"
#include "server/catalog/tables.h"
#include "server/storage/connection.h"

namespace dvecdb::server::catalog {

using types::Value;

struct ColumnValue {
  int column;
  Value value;
};
using ColumnValues = std::vector<ColumnValue>;

// Values in the form that catalog columns have.
inline Value oid_value(Oid oid) {
  return Value::integer(oid);
}
Value text_value(std::string_view text);
Value char_value(char c);
Value oid_vector(const std::vector<Oid>& oids);
Value int2_vector(const std::vector<std::int16_t>& numbers);
Value int2_array(const std::vector<std::int16_t>& numbers);
Value oid_array(const std::vector<Oid>& oids);
Value text_array(const std::vector<std::string>& texts);
Value aclitem_array(const std::vector<std::string>& items);

// Rows whose columns equal the values (all rows for none), in the order of their insertion.
std::vector<StoreRow> find_rows(storage::Connection& connection, const CatalogTable& table,
                                const ColumnValues& equal);
// Rows whose `column` is a user object's oid.
std::vector<StoreRow> find_user_rows(storage::Connection& connection, const CatalogTable& table,
                                     int column);
// Columns that are not told are NULL where the catalog allows it, else zero, false or "".
void insert_row(storage::Connection& connection, const CatalogTable& table,
                const ColumnValues& values);
void update_rows(storage::Connection& connection, const CatalogTable& table,
                 const ColumnValues& equal, const ColumnValues& changes);
void delete_rows(storage::Connection& connection, const CatalogTable& table,
                 const ColumnValues& equal);

}  // namespace dvecdb::server::catalog
