// Names and types as SQL text.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "server/query/deparse.h"
#include "server/types/oids.h"
#include "server/types/type_io.h"

namespace dvecdb::server::query {

namespace oids = types::oids;

namespace {

// Keywords that are no plain identifiers, sorted.
constexpr std::array quoted_words = std::to_array<std::string_view>({
    "all",
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
    "xmltable",
});

bool is_plain(std::string_view name) {
  if (name.empty() || !((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

struct SqlTypeName {
  Oid oid;
  std::string_view name;
  std::string_view after;  // what follows when there is no modifier
};
constexpr SqlTypeName sql_type_names[] = {
    {oids::boolean, "boolean", ""},
    {oids::int8, "bigint", ""},
    {oids::int4, "integer", ""},
    {oids::int2, "smallint", ""},
    {oids::float4, "real", ""},
    {oids::float8, "double precision", ""},
    {oids::numeric, "numeric", ""},
    {oids::varchar, "character varying", ""},
    {oids::bpchar, "character", ""},
    {oids::bit, "bit", ""},
    {oids::varbit, "bit varying", ""},
    {oids::interval, "interval", ""},
    {oids::time, "time", " without time zone"},
    {oids::timetz, "time", " with time zone"},
    {oids::timestamp, "timestamp", " without time zone"},
    {oids::timestamptz, "timestamp", " with time zone"},
};

bool is_visible(const Catalog& catalog, const std::string& schema) {
  if (schema == "pg_catalog") return true;
  const auto path = catalog.search_path();
  return std::find(path.begin(), path.end(), schema) != path.end();
}

std::string modifier_text(TypeRef type) {
  return type.typmod < 0 ? std::string() : types::format_typmod(type.oid, type.typmod);
}

}  // namespace

std::string quote_identifier(std::string_view name) {
  if (is_plain(name) && !std::binary_search(quoted_words.begin(), quoted_words.end(), name)) {
    return std::string(name);
  }
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string format_type(const Catalog& catalog, TypeRef type) {
  if (type.oid == types::invalid_oid) return "-";
  const TypeDesc* desc = catalog.find_type(type.oid);
  if (desc == nullptr) return "???";
  if (desc->is_array && desc->element != types::invalid_oid && desc->name.rfind('_', 0) == 0) {
    return format_type(catalog, {desc->element, type.typmod}) + "[]";
  }
  for (const SqlTypeName& known : sql_type_names) {
    if (known.oid != type.oid) continue;
    // The modifiers of times say the rest themselves.
    const std::string modifier = modifier_text(type);
    return fmt::format("{}{}", known.name, modifier.empty() ? std::string(known.after) : modifier);
  }
  if (type.oid == oids::internal_char) return "\"char\"";
  std::string name = quote_identifier(desc->name);
  if (!is_visible(catalog, desc->schema)) name = quote_identifier(desc->schema) + "." + name;
  return name + modifier_text(type);
}

}  // namespace dvecdb::server::query
