#include "server/exec/acl.h"

#include <array>
#include <cctype>

namespace dvecdb::server::exec {

namespace {

constexpr std::string_view print_order = "arwdDxtXUCTcsAl";

std::string quote_role(const std::string& name) {
  bool is_plain = true;
  for (const char c : name) {
    is_plain = is_plain && (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_');
  }
  if (is_plain) return name;
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string take_role(std::string_view text, std::size_t& i) {
  std::string name;
  if (i < text.size() && text[i] == '"') {
    for (++i; i < text.size(); ++i) {
      if (text[i] == '"') {
        if (i + 1 >= text.size() || text[i + 1] != '"') break;
        ++i;
      }
      name += text[i];
    }
    ++i;
    return name;
  }
  while (i < text.size() && text[i] != '=') name += text[i++];
  return name;
}

struct PrivilegeName {
  std::string_view name;
  char letter;
};
constexpr std::array<PrivilegeName, 13> names = {{{"insert", 'a'},
                                                  {"select", 'r'},
                                                  {"update", 'w'},
                                                  {"delete", 'd'},
                                                  {"truncate", 'D'},
                                                  {"references", 'x'},
                                                  {"trigger", 't'},
                                                  {"execute", 'X'},
                                                  {"usage", 'U'},
                                                  {"create", 'C'},
                                                  {"temporary", 'T'},
                                                  {"temp", 'T'},
                                                  {"connect", 'c'}}};

}  // namespace

AclItem parse_acl_item(std::string_view text) {
  AclItem item;
  std::size_t i = 0;
  item.grantee = take_role(text, i);
  if (i < text.size()) ++i;  // =
  for (; i < text.size() && text[i] != '/'; ++i) {
    if (text[i] == '*') {
      if (!item.privileges.empty()) item.with_grant += item.privileges.back();
    } else {
      item.privileges += text[i];
    }
  }
  if (i < text.size()) ++i;  // the slash
  item.grantor = take_role(text, i);
  return item;
}

std::string format_acl_item(const AclItem& item) {
  std::string text = quote_role(item.grantee) + "=";
  for (const char letter : print_order) {
    if (item.privileges.find(letter) == std::string::npos) continue;
    text += letter;
    if (item.with_grant.find(letter) != std::string::npos) text += '*';
  }
  return text + "/" + quote_role(item.grantor);
}

char privilege_letter(std::string_view name) {
  for (const PrivilegeName& entry : names) {
    if (entry.name == name) return entry.letter;
  }
  return '\0';
}

}  // namespace dvecdb::server::exec
