// What the table-valued function rows_from(spec, ...) of the row store is told: which functions to
// run side by side. The lowering writes the spec, the executor's module reads it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dvecdb::server::query {

enum class RowsFromKind : char {
  set = 's',     // a set-returning function, by symbol
  value = 'v',   // the argument itself, one row of one column
  record = 'r',  // the argument is a row value: one row of its fields
};

struct RowsFromCall {
  RowsFromKind kind = RowsFromKind::value;
  std::string symbol;      // of a set
  bool is_strict = false;  // a NULL argument gives no rows
  int columns = 1;
  int arguments = 1;
  std::string types;  // functions::write_call_types
};

std::string write_rows_from(const std::vector<RowsFromCall>& calls);
// Throws SqlError (XX000) for a text that write_rows_from did not make.
std::vector<RowsFromCall> read_rows_from(std::string_view text);

}  // namespace dvecdb::server::query
