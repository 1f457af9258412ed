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
