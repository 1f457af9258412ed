// Access privileges in the text form of aclitem: "alice=arw*/postgres".
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dvecdb::server::exec {

struct AclItem {
  std::string grantee;     // "" for PUBLIC
  std::string privileges;  // letters in PostgreSQL's order
  std::string with_grant;  // those that may be granted on
  std::string grantor;
};

AclItem parse_acl_item(std::string_view text);
std::string format_acl_item(const AclItem& item);

// All letters of an object kind in the order in which aclitem prints them.
inline constexpr std::string_view table_privileges = "arwdDxt";
inline constexpr std::string_view sequence_privileges = "rwU";
inline constexpr std::string_view database_privileges = "CTc";
inline constexpr std::string_view schema_privileges = "UC";
inline constexpr std::string_view function_privileges = "X";
inline constexpr std::string_view type_privileges = "U";

// The letter of a privilege's name ("select"); '\0' when there is none.
char privilege_letter(std::string_view name);

}  // namespace dvecdb::server::exec
