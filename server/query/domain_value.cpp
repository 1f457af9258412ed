#include "server/query/domain_value.h"

namespace dvecdb::server::query {

RelationDesc domain_value_row(TypeRef base) {
  RelationDesc row;
  ColumnDesc value;
  value.number = 1;
  value.name = "value";
  value.type = base;
  value.store_name = "value";
  row.columns.push_back(std::move(value));
  return row;
}

}  // namespace dvecdb::server::query
