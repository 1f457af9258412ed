// pg_get_*def and pg_get_expr.
#include "server/catalog/definitions.h"
#include "server/catalog/functions/families.h"
#include "server/catalog/names.h"
#include "server/catalog/object_description.h"
#include "server/catalog/reg_names.h"
#include "server/catalog/table.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::catalog {

namespace {

DefinitionContext definition_context(const FunctionContext& context) {
  CatalogEnvironment& session = session_of(context);
  return {session.catalog(), context.io, session.connection(), session.current_user()};
}

// The argument that asks for the pretty form, the last one where there is one.
query::PrintStyle style_of(Arguments arguments, std::size_t at) {
  const bool is_pretty = arguments.size() > at && arguments[at].as_boolean();
  return is_pretty ? query::PrintStyle::pretty : query::PrintStyle::indented;
}

Value get_expr(const FunctionContext& context, Arguments arguments) {
  const Oid oid = oid_of(arguments[1]);
  const RelationDesc* relation = session_of(context).catalog().find_relation(oid);
  if (oid != types::invalid_oid && relation == nullptr) return Value::null();
  return Value::text(expression_definition(definition_context(context), arguments[0].as_bytes(),
                                           relation, style_of(arguments, 2)));
}

Value get_index_definition(const FunctionContext& context, Arguments arguments) {
  const IndexDesc* index = session_of(context).catalog().find_index(oid_of(arguments[0]));
  if (index == nullptr) return Value::null();
  const DefinitionContext definition = definition_context(context);
  const int column = arguments.size() > 1 ? static_cast<int>(arguments[1].as_integer()) : 0;
  const query::PrintStyle style = style_of(arguments, 2);
  if (column == 0) return Value::text(index_definition(definition, *index, style));
  return text_or_null(index_column_definition(definition, *index, column, style));
}

Value get_constraint_definition(const FunctionContext& context, Arguments arguments) {
  const ConstraintDesc* constraint =
      session_of(context).catalog().snapshot().find_constraint(oid_of(arguments[0]));
  if (constraint == nullptr) return Value::null();
  return Value::text(
      constraint_definition(definition_context(context), *constraint, style_of(arguments, 1)));
}

Value view_text(const FunctionContext& context, Oid oid, query::PrintStyle style) {
  const RelationDesc* view = session_of(context).catalog().find_relation(oid);
  if (view == nullptr || view->view_text.empty()) return Value::text("Not a view");
  return Value::text(view_definition(definition_context(context), *view, style));
}

Value get_view_definition(const FunctionContext& context, Arguments arguments) {
  return view_text(context, oid_of(arguments[0]), style_of(arguments, 1));
}

// The number of columns to wrap at is not heeded: every item has its own line.
Value get_wrapped_view_definition(const FunctionContext& context, Arguments arguments) {
  return view_text(context, oid_of(arguments[0]), query::PrintStyle::pretty);
}

Value get_view_definition_by_name(const FunctionContext& context, Arguments arguments) {
  const SessionCatalog& catalog = session_of(context).catalog();
  const Oid view =
      resolve_reg(catalog.snapshot(), catalog, types::oids::regclass, arguments[0].as_bytes());
  return view_text(context, view, style_of(arguments, 1));
}

Value get_rule_definition(const FunctionContext& context, Arguments arguments) {
  CatalogEnvironment& session = session_of(context);
  const auto found = find_rows(session.connection(), pg_rewrite::table,
                               {{pg_rewrite::oid, oid_value(oid_of(arguments[0]))}});
  if (found.empty()) return Value::null();
  const RelationDesc* view =
      session.catalog().find_relation(found.front().oid(pg_rewrite::ev_class));
  if (view == nullptr) return Value::null();
  const std::string body =
      view_definition(definition_context(context), *view, style_of(arguments, 1));
  return Value::text("CREATE RULE " + quote_name(found.front().text(pg_rewrite::rulename)) +
                     " AS\n    ON SELECT TO " + qualified_name(view->schema, view->name) +
                     " DO INSTEAD " + body);
}

// The sequence that a column owns, with its schema.
Value get_serial_sequence(const FunctionContext& context, Arguments arguments) {
  CatalogEnvironment& session = session_of(context);
  const SessionCatalog& catalog = session.catalog();
  const Oid table =
      resolve_reg(catalog.snapshot(), catalog, types::oids::regclass, arguments[0].as_bytes());
  const RelationDesc* relation = catalog.find_relation(table);
  const std::string name = string_of(arguments[1]);
  std::int64_t number = 0;
  for (const query::ColumnDesc& column : relation->columns) {
    if (column.name == name && !column.is_dropped) number = column.number;
  }
  if (number == 0) {
    throw types::SqlError(
        types::sqlstate::undefined_column,
        "column \"" + name + "\" of relation \"" + relation->name + "\" does not exist");
  }
  using namespace pg_depend;
  for (const StoreRow& row : find_rows(session.connection(), pg_depend::table,
                                       {{refclassid, oid_value(pg_class::table.oid)},
                                        {refobjid, oid_value(table)},
                                        {refobjsubid, Value::integer(number)},
                                        {classid, oid_value(pg_class::table.oid)}})) {
    const RelationDesc* sequence = catalog.find_relation(row.oid(objid));
    const bool is_owned = row.character(deptype) == 'a' || row.character(deptype) == 'i';
    if (sequence == nullptr || sequence->kind != 'S' || !is_owned) continue;
    return Value::text(qualified_name(sequence->schema, sequence->name));
  }
  return Value::null();
}

// Objects that no statement here makes: partitions, triggers, extended statistics.
Value nothing(const FunctionContext&, Arguments) {
  return Value::null();
}

constexpr ScalarEntry entries[] = {
    {"pg_get_constraintdef", get_constraint_definition},
    {"pg_get_constraintdef_ext", get_constraint_definition},
    {"pg_get_expr", get_expr},
    {"pg_get_expr_ext", get_expr},
    {"pg_get_indexdef", get_index_definition},
    {"pg_get_indexdef_ext", get_index_definition},
    {"pg_get_partition_constraintdef", nothing},
    {"pg_get_partkeydef", nothing},
    {"pg_get_ruledef", get_rule_definition},
    {"pg_get_ruledef_ext", get_rule_definition},
    {"pg_get_serial_sequence", get_serial_sequence},
    {"pg_get_statisticsobjdef", nothing},
    {"pg_get_statisticsobjdef_columns", nothing},
    {"pg_get_statisticsobjdef_expressions", nothing},
    {"pg_get_triggerdef", nothing},
    {"pg_get_triggerdef_ext", nothing},
    {"pg_get_viewdef", get_view_definition},
    {"pg_get_viewdef_ext", get_view_definition},
    {"pg_get_viewdef_name", get_view_definition_by_name},
    {"pg_get_viewdef_name_ext", get_view_definition_by_name},
    {"pg_get_viewdef_wrap", get_wrapped_view_definition},
    {"pg_partition_root", nothing},
};

}  // namespace

ScalarTable definition_functions() {
  return entries;
}

}  // namespace dvecdb::server::catalog
