#include "server/catalog/names.h"

#include <cctype>

#include "server/query/deparse.h"
#include "server/types/error.h"

namespace dvecdb::server::catalog {

namespace {

[[noreturn]] void refuse() {
  throw types::SqlError(types::sqlstate::invalid_name, "invalid name syntax");
}

bool starts_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool continues_name(char c) {
  return starts_name(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '$';
}

// Reads what stands between double quotes, `at` after the opening one, and moves past the end.
std::string read_quoted(std::string_view text, std::size_t& at) {
  std::string part;
  for (;; ++at) {
    if (at >= text.size()) refuse();
    if (text[at] != '"') {
      part.push_back(text[at]);
      continue;
    }
    if (at + 1 >= text.size() || text[at + 1] != '"') break;
    part.push_back(text[at++]);
  }
  ++at;
  if (part.empty()) refuse();
  return part;
}

std::string read_plain(std::string_view text, std::size_t& at) {
  std::string part;
  if (at >= text.size() || !starts_name(text[at])) refuse();
  for (; at < text.size() && continues_name(text[at]); ++at) {
    part.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(text[at]))));
  }
  return part;
}

void skip_blanks(std::string_view text, std::size_t& at) {
  while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at])) != 0) ++at;
}

}  // namespace

std::vector<std::string> split_identifier(std::string_view text) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  while (true) {
    skip_blanks(text, at);
    if (at < text.size() && text[at] == '"') {
      parts.push_back(read_quoted(text, ++at));
    } else {
      parts.push_back(read_plain(text, at));
    }
    skip_blanks(text, at);
    if (at == text.size()) return parts;
    if (text[at++] != '.') refuse();
  }
}

std::string quote_name(std::string_view name) {
  return query::quote_identifier(name);
}

std::string qualified_name(std::string_view schema, std::string_view name) {
  return schema.empty() ? quote_name(name) : quote_name(schema) + "." + quote_name(name);
}

}  // namespace dvecdb::server::catalog
