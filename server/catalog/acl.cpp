#include "server/catalog/acl.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "server/types/error.h"

namespace dvecdb::server::catalog {

namespace {

namespace sqlstate = types::sqlstate;
using types::SqlError;

struct PrivilegeName {
  char letter;
  std::string_view name;
};

constexpr PrivilegeName privilege_names[] = {
    {'a', "INSERT"},   {'r', "SELECT"},       {'w', "UPDATE"},    {'d', "DELETE"},
    {'D', "TRUNCATE"}, {'x', "REFERENCES"},   {'t', "TRIGGER"},   {'X', "EXECUTE"},
    {'U', "USAGE"},    {'C', "CREATE"},       {'T', "TEMPORARY"}, {'c', "CONNECT"},
    {'s', "SET"},      {'A', "ALTER SYSTEM"}, {'T', "TEMP"},
};

std::string read_role(std::string_view text, std::size_t& at) {
  std::string name;
  bool quoted = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      const bool is_escaped = quoted && at + 1 < text.size() && text[at + 1] == '"';
      if (is_escaped) {
        name.push_back('"');
        ++at;
      } else {
        quoted = !quoted;
      }
      continue;
    }
    const bool continues = quoted || std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
                           static_cast<unsigned char>(c) >= 0x80;
    if (!continues) break;
    name.push_back(c);
  }
  return name;
}

std::string quote_role(std::string_view name) {
  const bool is_plain = std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
  if (is_plain) return std::string(name);
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out.push_back(c);
    out.push_back(c);
  }
  return out + "\"";
}

constexpr Oid pg_database_owner = 6171;
constexpr Oid pg_read_all_data = 6181;
constexpr Oid pg_write_all_data = 6182;

}  // namespace

AclItem parse_aclitem(std::string_view text) {
  AclItem item;
  std::size_t at = 0;
  item.grantee = read_role(text, at);
  if (item.grantee == "group" || item.grantee == "user") {
    while (at < text.size() && text[at] == ' ') ++at;
    item.grantee = read_role(text, at);
  }
  if (at >= text.size() || text[at] != '=') {
    throw SqlError(sqlstate::invalid_text_representation, "missing \"=\" sign");
  }
  for (++at; at < text.size() && text[at] != '/'; ++at) {
    if (text[at] == '*' && !item.privileges.empty()) {
      item.privileges.back().with_grant = true;
      continue;
    }
    if (privilege_name(text[at]).empty()) {
      throw SqlError(sqlstate::invalid_text_representation,
                     "invalid mode character: must be one of \"arwdDxtXUCTcsA\"");
    }
    item.privileges.push_back({text[at], false});
  }
  if (at < text.size()) item.grantor = read_role(text, ++at);
  return item;
}

std::string print_aclitem(const AclItem& item) {
  std::string out = quote_role(item.grantee) + "=";
  for (const AclItem::Privilege& privilege : item.privileges) {
    out.push_back(privilege.letter);
    if (privilege.with_grant) out.push_back('*');
  }
  return out + "/" + quote_role(item.grantor);
}

std::vector<std::string> default_acl(char object_type, std::string_view owner) {
  std::string_view own;
  std::string_view everyone;
  switch (object_type) {
    case 'c':
      return {};
    case 'r':
      own = "arwdDxt";
      break;
    case 's':
      own = "rwU";
      break;
    case 'd':
      own = "CTc";
      everyone = "Tc";
      break;
    case 'f':
      own = everyone = "X";
      break;
    case 'l':
      own = everyone = "U";
      break;
    case 'n':
      own = "UC";
      break;
    case 't':
      own = "C";
      break;
    case 'p':
      own = "sA";
      break;
    case 'T':
      own = everyone = "U";
      break;
    case 'F':
    case 'S':
      own = "U";
      break;
    case 'L':
      own = "rw";
      break;
    default:
      throw SqlError(sqlstate::invalid_parameter_value,
                     std::string("unrecognized object type abbreviation: ") + object_type);
  }
  std::vector<std::string> acl;
  const std::string by = "/" + quote_role(owner);
  if (!everyone.empty()) acl.push_back("=" + std::string(everyone) + by);
  acl.push_back(quote_role(owner) + "=" + std::string(own) + by);
  return acl;
}

char privilege_letter(std::string_view name) {
  for (const PrivilegeName& entry : privilege_names) {
    const bool is_same =
        entry.name.size() == name.size() &&
        std::equal(name.begin(), name.end(), entry.name.begin(),
                   [](char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == b; });
    if (is_same) return entry.letter;
  }
  return '\0';
}

std::string_view privilege_name(char letter) {
  for (const PrivilegeName& entry : privilege_names) {
    if (entry.letter == letter) return entry.name;
  }
  return {};
}

bool is_member(const Snapshot& snapshot, Oid role, Oid of, Oid database_owner, bool inherited) {
  if (role == of) return true;
  const RoleDesc* asking = snapshot.find_role(role);
  if (asking == nullptr) return false;
  if (asking->is_superuser && of != pg_database_owner) return true;
  std::vector<Oid> pending = {role};
  std::set<Oid> seen = {role};
  while (!pending.empty()) {
    const RoleDesc* member = snapshot.find_role(pending.back());
    pending.pop_back();
    if (member == nullptr) continue;
    if (member->oid == database_owner && of == pg_database_owner) return true;
    if (inherited && !member->inherits) continue;
    for (const Oid next : member->member_of) {
      if (next == of) return true;
      if (seen.insert(next).second) pending.push_back(next);
    }
  }
  return asking->is_superuser;
}

bool is_allowed(const Snapshot& snapshot, const std::vector<std::string>& acl,
                const AclQuestion& question) {
  const RoleDesc* role = snapshot.find_role(question.role);
  if (role != nullptr && role->is_superuser) return true;
  const auto acts_as = [&](Oid of) {
    return is_member(snapshot, question.role, of, question.database_owner, true);
  };
  // An owner may grant whatever the owner may do or not do.
  if (question.with_grant && acts_as(question.owner)) return true;
  if (question.privilege == 'r' && acts_as(pg_read_all_data)) return true;
  const std::string_view writes = "awd";
  if (writes.find(question.privilege) != std::string_view::npos && acts_as(pg_write_all_data)) {
    return true;
  }
  for (const std::string& text : acl) {
    const AclItem item = parse_aclitem(text);
    const bool has_it = std::any_of(item.privileges.begin(), item.privileges.end(),
                                    [&](const AclItem::Privilege& privilege) {
                                      return privilege.letter == question.privilege &&
                                             (!question.with_grant || privilege.with_grant);
                                    });
    if (!has_it) continue;
    if (item.grantee.empty() && !question.with_grant) return true;
    const RoleDesc* grantee = snapshot.find_role(item.grantee);
    if (grantee != nullptr && acts_as(grantee->oid)) return true;
  }
  return false;
}

}  // namespace dvecdb::server::catalog
