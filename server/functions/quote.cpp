#include "server/functions/quote.h"

#include <algorithm>
#include <array>

#include "server/functions/text_tables.h"
#include "server/types/utf8.h"

namespace dvecdb::server::functions {
namespace {

// Keywords that cannot stand as a bare identifier everywhere, sorted.
constexpr std::array<std::string_view, 151> keywords{"all",
                                                     "analyse",
                                                     "analyze",
                                                     "and",
                                                     "any",
                                                     "array",
                                                     "as",
                                                     "asc",
                                                     "asymmetric",
                                                     "authorization",
                                                     "between",
                                                     "bigint",
                                                     "binary",
                                                     "bit",
                                                     "boolean",
                                                     "both",
                                                     "case",
                                                     "cast",
                                                     "char",
                                                     "character",
                                                     "check",
                                                     "coalesce",
                                                     "collate",
                                                     "collation",
                                                     "column",
                                                     "concurrently",
                                                     "constraint",
                                                     "create",
                                                     "cross",
                                                     "current_catalog",
                                                     "current_date",
                                                     "current_role",
                                                     "current_schema",
                                                     "current_time",
                                                     "current_timestamp",
                                                     "current_user",
                                                     "dec",
                                                     "decimal",
                                                     "default",
                                                     "deferrable",
                                                     "desc",
                                                     "distinct",
                                                     "do",
                                                     "else",
                                                     "end",
                                                     "except",
                                                     "exists",
                                                     "extract",
                                                     "false",
                                                     "fetch",
                                                     "float",
                                                     "for",
                                                     "foreign",
                                                     "freeze",
                                                     "from",
                                                     "full",
                                                     "grant",
                                                     "greatest",
                                                     "group",
                                                     "grouping",
                                                     "having",
                                                     "ilike",
                                                     "in",
                                                     "initially",
                                                     "inner",
                                                     "inout",
                                                     "int",
                                                     "integer",
                                                     "intersect",
                                                     "interval",
                                                     "into",
                                                     "is",
                                                     "isnull",
                                                     "join",
                                                     "lateral",
                                                     "leading",
                                                     "least",
                                                     "left",
                                                     "like",
                                                     "limit",
                                                     "localtime",
                                                     "localtimestamp",
                                                     "national",
                                                     "natural",
                                                     "nchar",
                                                     "none",
                                                     "normalize",
                                                     "not",
                                                     "notnull",
                                                     "null",
                                                     "nullif",
                                                     "numeric",
                                                     "offset",
                                                     "on",
                                                     "only",
                                                     "or",
                                                     "order",
                                                     "out",
                                                     "outer",
                                                     "overlaps",
                                                     "overlay",
                                                     "placing",
                                                     "position",
                                                     "precision",
                                                     "primary",
                                                     "real",
                                                     "references",
                                                     "returning",
                                                     "right",
                                                     "row",
                                                     "select",
                                                     "session_user",
                                                     "setof",
                                                     "similar",
                                                     "smallint",
                                                     "some",
                                                     "substring",
                                                     "symmetric",
                                                     "table",
                                                     "tablesample",
                                                     "then",
                                                     "time",
                                                     "timestamp",
                                                     "to",
                                                     "trailing",
                                                     "treat",
                                                     "trim",
                                                     "true",
                                                     "union",
                                                     "unique",
                                                     "user",
                                                     "using",
                                                     "values",
                                                     "varchar",
                                                     "variadic",
                                                     "verbose",
                                                     "when",
                                                     "where",
                                                     "window",
                                                     "with",
                                                     "xmlattributes",
                                                     "xmlconcat",
                                                     "xmlelement",
                                                     "xmlexists",
                                                     "xmlforest",
                                                     "xmlnamespaces",
                                                     "xmlparse",
                                                     "xmlpi",
                                                     "xmlroot",
                                                     "xmlserialize",
                                                     "xmltable"};

bool is_bare_identifier(std::string_view text) {
  auto is_start = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  auto is_part = [&](char c) { return is_start(c) || (c >= '0' && c <= '9'); };
  return !text.empty() && is_start(text[0]) && std::all_of(text.begin(), text.end(), is_part) &&
         !std::binary_search(keywords.begin(), keywords.end(), text);
}

}  // namespace

std::string quote_identifier(std::string_view text) {
  if (is_bare_identifier(text)) return std::string(text);
  std::string out = "\"";
  for (char c : text) {
    if (c == '"') out.push_back(c);
    out.push_back(c);
  }
  return out + '"';
}

std::string quote_literal(std::string_view text) {
  bool has_backslash = text.find('\\') != std::string_view::npos;
  std::string out = has_backslash ? "E'" : "'";
  for (char c : text) {
    if (c == '\'' || c == '\\') out.push_back(c);
    out.push_back(c);
  }
  return out + '\'';
}

}  // namespace dvecdb::server::functions
