// Catalog objects that the front end does not ask for, but functions and DDL do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/types/value.h"

namespace dvecdb::server::catalog {

using types::Oid;

struct RoleDesc {
  Oid oid = types::invalid_oid;
  std::string name;
  bool is_superuser = false;
  bool inherits = true;
  bool can_create_role = false;
  bool can_create_database = false;
  bool can_login = false;
  bool can_replicate = false;
  bool bypasses_rls = false;
  int connection_limit = -1;
  std::string verifier;  // rolpassword
  std::optional<std::int64_t> valid_until;
  std::vector<Oid> member_of;
};

struct DatabaseDesc {
  Oid oid = types::invalid_oid;
  std::string name;
  Oid owner = types::invalid_oid;
  bool is_template = false;
  bool allows_connections = true;
  int connection_limit = -1;
  std::vector<std::string> acl;  // of an ACL never set: empty and has_acl false
  bool has_acl = false;
};

// One row of pg_db_role_setting: 0 stands for all.
struct RoleSetting {
  Oid database = types::invalid_oid;
  Oid role = types::invalid_oid;
  std::vector<std::string> assignments;  // name=value
};

struct ExtensionDesc {
  Oid oid = types::invalid_oid;
  std::string name;
  std::string version;
  Oid schema_oid = types::invalid_oid;
};

struct CollationDesc {
  Oid oid = types::invalid_oid;
  std::string name;
  std::string schema;
};

struct AccessMethodDesc {
  Oid oid = types::invalid_oid;
  std::string name;
};

}  // namespace dvecdb::server::catalog
