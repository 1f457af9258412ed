// How pg_depend and pg_description name any object: catalog, oid, column number.
#pragma once

#include <cstdint>
#include <string>

#include "server/catalog/tables.h"

namespace dvecdb::server::catalog {

class Snapshot;

struct ObjectAddress {
  types::Oid catalog = types::invalid_oid;  // pg_class oid of the catalog table
  types::Oid object = types::invalid_oid;
  std::int32_t column = 0;
  friend auto operator<=>(const ObjectAddress&, const ObjectAddress&) = default;
};

inline ObjectAddress relation_address(types::Oid oid, std::int32_t column = 0) {
  return {pg_class::table.oid, oid, column};
}
inline ObjectAddress schema_address(types::Oid oid) {
  return {pg_namespace::table.oid, oid};
}
inline ObjectAddress type_address(types::Oid oid) {
  return {pg_type::table.oid, oid};
}
inline ObjectAddress constraint_address(types::Oid oid) {
  return {pg_constraint::table.oid, oid};
}
inline ObjectAddress extension_address(types::Oid oid) {
  return {pg_extension::table.oid, oid};
}
inline ObjectAddress role_address(types::Oid oid) {
  return {pg_authid::table.oid, oid};
}
inline ObjectAddress database_address(types::Oid oid) {
  return {pg_database::table.oid, oid};
}

}  // namespace dvecdb::server::catalog
