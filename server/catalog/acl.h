// Access control lists: aclitems in text form and what they allow.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/catalog/snapshot.h"

namespace dvecdb::server::catalog {

struct AclItem {
  std::string grantee;  // "" is PUBLIC
  std::string grantor;
  struct Privilege {
    char letter = '\0';
    bool with_grant = false;
  };
  std::vector<Privilege> privileges;
};

// "alice=r*w/postgres". Throws SqlError (22P02).
AclItem parse_aclitem(std::string_view text);
std::string print_aclitem(const AclItem& item);

// 'r' relation, 's' sequence, 'd' database, 'f' function, 'l' language, 'n' schema, 'T' type,
// 'c' column, 't' tablespace, 'p' parameter: as acldefault() takes them.
std::vector<std::string> default_acl(char object_type, std::string_view owner);

// "SELECT" -> 'r'. '\0' for an unknown one.
char privilege_letter(std::string_view name);
std::string_view privilege_name(char letter);

// Whether `role` has all rights of `of` (is it, a member of it, or a superuser). With
// `inherited`, only memberships that pass rights on without SET ROLE.
bool is_member(const Snapshot& snapshot, Oid role, Oid of, Oid database_owner, bool inherited);

struct AclQuestion {
  Oid role = types::invalid_oid;
  Oid owner = types::invalid_oid;
  char privilege = '\0';
  bool with_grant = false;
  Oid database_owner = types::invalid_oid;
};
bool is_allowed(const Snapshot& snapshot, const std::vector<std::string>& acl,
                const AclQuestion& question);

}  // namespace dvecdb::server::catalog
