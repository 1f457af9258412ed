#include "server/catalog/type_names.h"

#include <cctype>
#include <string>

#include "server/catalog/names.h"
#include "server/catalog/visibility.h"
#include "server/query/deparse.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::catalog {

namespace {

struct Spelling {
  std::string_view sql;
  std::string_view name;
};

// What the grammar turns into types of pg_catalog under another name.
constexpr Spelling spellings[] = {
    {"bigint", "int8"},
    {"bit varying", "varbit"},
    {"boolean", "bool"},
    {"char", "bpchar"},
    {"char varying", "varchar"},
    {"character", "bpchar"},
    {"character varying", "varchar"},
    {"dec", "numeric"},
    {"decimal", "numeric"},
    {"double precision", "float8"},
    {"float", "float8"},
    {"int", "int4"},
    {"integer", "int4"},
    {"national char", "bpchar"},
    {"national character", "bpchar"},
    {"national character varying", "varchar"},
    {"nchar", "bpchar"},
    {"real", "float4"},
    {"smallint", "int2"},
    {"time with time zone", "timetz"},
    {"time without time zone", "time"},
    {"timestamp with time zone", "timestamptz"},
    {"timestamp without time zone", "timestamp"},
};

// Lower case, single blanks, and without the modifier in parentheses; quoted text stays.
std::string normalized(std::string_view text) {
  std::string out;
  bool quoted = false;
  int depth = 0;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (!quoted && c == '(') ++depth;
    if (depth == 0) {
      const bool is_blank = std::isspace(static_cast<unsigned char>(c)) != 0 && !quoted;
      if (!is_blank) {
        out.push_back(quoted ? c : static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
      } else if (!out.empty() && out.back() != ' ') {
        out.push_back(' ');
      }
    }
    if (!quoted && c == ')') --depth;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

// Takes "[]", "[3]" and " array" off the end.
bool take_array_suffix(std::string& text) {
  bool is_array = false;
  while (!text.empty() && text.back() == ']') {
    const std::size_t open = text.rfind('[');
    if (open == std::string::npos) break;
    text.resize(open);
    is_array = true;
  }
  constexpr std::string_view array = " array";
  if (!is_array && text.size() > array.size() && text.ends_with(array)) {
    text.resize(text.size() - array.size());
    is_array = true;
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return is_array;
}

const types::TypeDesc* find_plain(const query::Catalog& catalog, const std::string& text) {
  for (const Spelling& spelling : spellings) {
    if (spelling.sql == text) return catalog.find_type("pg_catalog", spelling.name);
  }
  if (text.starts_with("interval ")) return catalog.find_type("pg_catalog", "interval");
  std::vector<std::string> parts = split_identifier(text);
  if (parts.size() == 1) return type_in_path(catalog, parts[0]);
  return catalog.find_type(parts[parts.size() - 2], parts.back());
}

}  // namespace

std::optional<types::Oid> find_type_by_text(const query::Catalog& catalog, std::string_view text) {
  std::string name = normalized(text);
  const bool is_array = take_array_suffix(name);
  if (name.empty()) {
    throw types::SqlError(types::sqlstate::syntax_error, "syntax error at end of input");
  }
  const types::TypeDesc* type = find_plain(catalog, name);
  if (type == nullptr) return std::nullopt;
  if (!is_array) return type->oid;
  return type->array == types::invalid_oid ? std::nullopt : std::optional(type->array);
}

std::string type_text_of_column(const query::Catalog& catalog, query::TypeRef type) {
  if (type.typmod < 0 && type.oid == types::oids::bpchar) return "bpchar";
  if (type.typmod < 0 && type.oid == types::oids::bit) return "\"bit\"";
  return type_text(catalog, type);
}

std::string type_text(const query::Catalog& catalog, query::TypeRef type) {
  return query::format_type(catalog, type);
}

}  // namespace dvecdb::server::catalog
