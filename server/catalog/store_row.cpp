#include "server/catalog/store_row.h"

#include "server/types/array.h"

namespace dvecdb::server::catalog {

std::string StoreRow::text(int column) const {
  return is_null(column) ? std::string() : std::string(value(column).as_bytes());
}

char StoreRow::character(int column) const {
  return is_null(column) || value(column).as_bytes().empty() ? '\0'
                                                             : value(column).as_bytes().front();
}

std::int64_t StoreRow::integer(int column) const {
  return is_null(column) ? 0 : value(column).as_integer();
}

double StoreRow::real(int column) const {
  return is_null(column) ? 0 : value(column).as_real();
}

std::vector<std::string> StoreRow::texts(int column) const {
  std::vector<std::string> out;
  if (is_null(column)) return out;
  for (const types::Value& element : types::decode_array(value(column).as_bytes()).elements) {
    out.emplace_back(element.is_null() ? std::string_view() : element.as_bytes());
  }
  return out;
}

std::vector<std::int64_t> StoreRow::integers(int column) const {
  std::vector<std::int64_t> out;
  if (is_null(column)) return out;
  for (const types::Value& element : types::decode_array(value(column).as_bytes()).elements) {
    out.push_back(element.as_integer());
  }
  return out;
}

}  // namespace dvecdb::server::catalog
