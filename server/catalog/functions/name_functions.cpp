// Names of objects and whether they are visible.
#include "server/catalog/functions/families.h"
#include "server/catalog/names.h"
#include "server/catalog/object_description.h"
#include "server/catalog/reg_names.h"
#include "server/catalog/table.h"
#include "server/catalog/type_names.h"
#include "server/catalog/visibility.h"
#include "server/types/oids.h"

namespace dvecdb::server::catalog {

namespace {

namespace oids = types::oids;

Value format_type(const FunctionContext& context, Arguments arguments) {
  if (arguments[0].is_null()) return Value::null();
  const SessionCatalog& catalog = session_of(context).catalog();
  const Oid type = oid_of(arguments[0]);
  if (arguments[1].is_null()) return Value::text(type_text(catalog, {type, -1}));
  const auto typmod = static_cast<std::int32_t>(arguments[1].as_integer());
  return Value::text(type_text_of_column(catalog, {type, typmod}));
}

Value user_by_id(const FunctionContext& context, Arguments arguments) {
  const RoleDesc* role = session_of(context).catalog().snapshot().find_role(oid_of(arguments[0]));
  if (role != nullptr) return Value::text(role->name);
  return Value::text("unknown (OID=" + std::to_string(oid_of(arguments[0])) + ")");
}

template <typename Desc>
Value visible(const SessionCatalog& catalog, const Desc* desc) {
  return desc == nullptr ? Value::null() : Value::boolean(is_visible(catalog, *desc));
}

Value table_is_visible(const FunctionContext& context, Arguments arguments) {
  const SessionCatalog& catalog = session_of(context).catalog();
  return visible(catalog, catalog.find_relation(oid_of(arguments[0])));
}
Value type_is_visible(const FunctionContext& context, Arguments arguments) {
  const SessionCatalog& catalog = session_of(context).catalog();
  return visible(catalog, catalog.find_type(oid_of(arguments[0])));
}
Value function_is_visible(const FunctionContext& context, Arguments arguments) {
  const SessionCatalog& catalog = session_of(context).catalog();
  return visible(catalog, catalog.find_proc(oid_of(arguments[0])));
}
Value operator_is_visible(const FunctionContext& context, Arguments arguments) {
  const SessionCatalog& catalog = session_of(context).catalog();
  return visible(catalog, catalog.find_operator(oid_of(arguments[0])));
}
Value opclass_is_visible(const FunctionContext& context, Arguments arguments) {
  const SessionCatalog& catalog = session_of(context).catalog();
  return visible(catalog, catalog.find_operator_class(oid_of(arguments[0])));
}

// Objects of which no two share a name: visible when their schema (column 3 or 4) is in the path.
template <Oid catalog_oid, int schema_column>
Value schema_is_visible(const FunctionContext& context, Arguments arguments) {
  CatalogEnvironment& session = session_of(context);
  const RelationDesc* relation = session.catalog().find_relation(catalog_oid);
  const CatalogTable table{catalog_oid, relation->store_name,
                           static_cast<int>(relation->columns.size())};
  const auto found = find_rows(session.connection(), table, {{1, oid_value(oid_of(arguments[0]))}});
  if (found.empty()) return Value::null();
  const SchemaDesc* schema = session.catalog().find_schema(found.front().oid(schema_column));
  return Value::boolean(schema != nullptr && schema_in_path(session.catalog(), schema->name));
}

template <Oid reg_type>
Value to_reg(const FunctionContext& context, Arguments arguments) {
  const SessionCatalog& catalog = session_of(context).catalog();
  const std::string_view text = arguments[0].as_bytes();
  // Numbers are no names here; what is no name at all is an error.
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
    return Value::null();
  }
  const std::optional<Oid> found = find_reg(catalog.snapshot(), catalog, reg_type, text);
  return found ? oid_value(*found) : Value::null();
}

Value text_regclass(const FunctionContext& context, Arguments arguments) {
  return types::input_text(context.io, {oids::regclass, -1}, arguments[0].as_bytes());
}

Value describe(const FunctionContext& context, Arguments arguments) {
  CatalogEnvironment& session = session_of(context);
  const ObjectAddress address = {oid_of(arguments[0]), oid_of(arguments[1]),
                                 static_cast<std::int32_t>(arguments[2].as_integer())};
  return text_or_null(describe_object(session.catalog(), session.connection(), address));
}

Value type_of(const FunctionContext& context, Arguments) {
  return oid_value(context.call.arguments.at(0).oid);
}

Value quote_ident(const FunctionContext&, Arguments arguments) {
  return Value::text(quote_name(arguments[0].as_bytes()));
}

Value collation_for(const FunctionContext& context, Arguments) {
  const TypeDesc* type = session_of(context).catalog().find_type(context.call.arguments.at(0).oid);
  if (type == nullptr || type->collation == types::invalid_oid) return Value::null();
  const std::string name = session_of(context).catalog().collation_name(type->collation);
  return Value::text(quote_name(name));
}

constexpr ScalarEntry entries[] = {
    {"format_type", format_type},
    {"pg_collation_for", collation_for, true},
    {"pg_collation_is_visible", schema_is_visible<3456, 3>},
    {"pg_conversion_is_visible", schema_is_visible<2607, 3>},
    {"pg_describe_object", describe},
    {"pg_function_is_visible", function_is_visible},
    {"pg_get_userbyid", user_by_id},
    {"pg_opclass_is_visible", opclass_is_visible},
    {"pg_operator_is_visible", operator_is_visible},
    {"pg_opfamily_is_visible", schema_is_visible<2753, 4>},
    {"pg_statistics_obj_is_visible", schema_is_visible<3381, 4>},
    {"pg_table_is_visible", table_is_visible},
    {"pg_ts_config_is_visible", schema_is_visible<3602, 3>},
    {"pg_ts_dict_is_visible", schema_is_visible<3600, 3>},
    {"pg_ts_parser_is_visible", schema_is_visible<3601, 3>},
    {"pg_ts_template_is_visible", schema_is_visible<3764, 3>},
    {"pg_type_is_visible", type_is_visible},
    {"pg_typeof", type_of, true},
    {"quote_ident", quote_ident},
    {"text_regclass", text_regclass},
    {"to_regclass", to_reg<oids::regclass>},
    {"to_regcollation", to_reg<oids::regcollation>},
    {"to_regnamespace", to_reg<oids::regnamespace>},
    {"to_regoper", to_reg<oids::regoper>},
    {"to_regoperator", to_reg<oids::regoperator>},
    {"to_regproc", to_reg<oids::regproc>},
    {"to_regprocedure", to_reg<oids::regprocedure>},
    {"to_regrole", to_reg<oids::regrole>},
    {"to_regtype", to_reg<oids::regtype>},
};

}  // namespace

ScalarTable name_functions() {
  return entries;
}

}  // namespace dvecdb::server::catalog
