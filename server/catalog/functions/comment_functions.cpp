#include "server/catalog/functions/families.h"
#include "server/catalog/table.h"

namespace dvecdb::server::catalog {

namespace {

Value comment_of(const FunctionContext& context, const ColumnValues& key) {
  const auto found = find_rows(session_of(context).connection(), pg_description::table, key);
  return found.empty() ? Value::null()
                       : Value::text(found.front().text(pg_description::description));
}

// The oid of a catalog by its name.
std::optional<Oid> catalog_oid(const FunctionContext& context, const Value& name) {
  const RelationDesc* relation =
      session_of(context).catalog().find_relation("pg_catalog", name.as_bytes());
  return relation == nullptr ? std::nullopt : std::optional(relation->oid);
}

Value object_comment(const FunctionContext& context, Arguments arguments) {
  const auto catalog = catalog_oid(context, arguments[1]);
  if (!catalog) return Value::null();
  return comment_of(context, {{pg_description::objoid, oid_value(oid_of(arguments[0]))},
                              {pg_description::classoid, oid_value(*catalog)},
                              {pg_description::objsubid, Value::integer(0)}});
}

Value any_object_comment(const FunctionContext& context, Arguments arguments) {
  return comment_of(context, {{pg_description::objoid, oid_value(oid_of(arguments[0]))},
                              {pg_description::objsubid, Value::integer(0)}});
}

Value column_comment(const FunctionContext& context, Arguments arguments) {
  return comment_of(context,
                    {{pg_description::objoid, oid_value(oid_of(arguments[0]))},
                     {pg_description::classoid, oid_value(pg_class::table.oid)},
                     {pg_description::objsubid, Value::integer(arguments[1].as_integer())}});
}

Value shared_comment(const FunctionContext& context, Arguments arguments) {
  const auto catalog = catalog_oid(context, arguments[1]);
  if (!catalog) return Value::null();
  using namespace pg_shdescription;
  const auto found =
      find_rows(session_of(context).connection(), table,
                {{objoid, oid_value(oid_of(arguments[0]))}, {classoid, oid_value(*catalog)}});
  return found.empty() ? Value::null() : Value::text(found.front().text(description));
}

constexpr ScalarEntry entries[] = {
    {"col_description", column_comment},
    {"obj_description", any_object_comment},
    {"obj_description_class", object_comment},
    {"shobj_description", shared_comment},
};

}  // namespace

ScalarTable comment_functions() {
  return entries;
}

}  // namespace dvecdb::server::catalog
