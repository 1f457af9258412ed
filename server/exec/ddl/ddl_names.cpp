// Names in DDL statements and what they stand for.
#include <fmt/format.h>

#include "server/exec/ddl/ddl.h"
#include "server/exec/privileges.h"
#include "server/exec/settings/setting_table.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using query::ColumnDesc;
using query::RelationDesc;
using query::SchemaDesc;
using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

QualifiedName name_of(const PgQuery__RangeVar& range) {
  return {std::string(raw::view(range.schemaname)), std::string(raw::view(range.relname)),
          range.location};
}

QualifiedName name_of(raw::NodeList parts) {
  if (parts.empty()) return {};
  QualifiedName name;
  name.name = raw::string_of(parts.back());
  if (parts.size() > 1) name.schema = raw::string_of(parts[parts.size() - 2]);
  return name;
}

const RelationDesc* find_relation_or_null(SessionContext& context, const QualifiedName& name) {
  std::string schema = name.schema;
  if (schema == "pg_temp") schema = context.temp_schema();
  return query::resolve_relation(context.analyze_context({}), schema, name.name);
}

const RelationDesc& find_relation(UtilityCall& call, const PgQuery__RangeVar& range) {
  const QualifiedName name = name_of(range);
  const RelationDesc* relation = find_relation_or_null(call.context, name);
  if (relation != nullptr) return *relation;
  throw SqlError(sqlstate::undefined_table,
                 name.schema.empty()
                     ? fmt::format("relation \"{}\" does not exist", name.name)
                     : fmt::format("relation \"{}.{}\" does not exist", name.schema, name.name));
}

const SchemaDesc& get_schema(SessionContext& context, std::string_view name) {
  const SchemaDesc* schema = context.catalog().find_schema(name);
  if (schema != nullptr) return *schema;
  throw SqlError(sqlstate::invalid_schema_name, fmt::format("schema \"{}\" does not exist", name));
}

const SchemaDesc& creation_schema(Ddl& ddl, const QualifiedName& name, bool is_temporary) {
  SessionContext& context = ddl.context();
  const std::string temp = context.temp_schema();
  if (is_temporary || name.schema == "pg_temp" || name.schema == temp) {
    if (is_temporary && !name.schema.empty() && name.schema != "pg_temp" && name.schema != temp) {
      throw SqlError(sqlstate::invalid_table_definition,
                     "cannot create temporary relation in non-temporary schema");
    }
    if (context.catalog().find_schema(temp) == nullptr) {
      ddl.writer().create_schema(temp, ddl.owner());
      ddl.changed();
      context.temp_schema_used = true;
    }
    return get_schema(context, temp);
  }
  if (name.schema.empty() && context.schemas(false).empty()) {
    throw SqlError(sqlstate::invalid_schema_name, "no schema has been selected to create in")
        .at(position_of(ddl.call(), name.location));
  }
  const SchemaDesc& schema =
      get_schema(context, name.schema.empty() ? context.creation_schema() : name.schema);
  if (schema.name == "pg_catalog" || schema.name == "information_schema") {
    throw SqlError(sqlstate::insufficient_privilege,
                   fmt::format("permission denied to create \"{}.{}\"", schema.name, name.name))
        .detail("System catalog modifications are currently disallowed.");
  }
  require_schema_create(context, schema);
  return schema;
}

const types::TypeDesc* find_user_type(SessionContext& context, const QualifiedName& name) {
  if (!name.schema.empty()) return context.catalog().find_type(name.schema, name.name);
  for (const std::string& schema : context.schemas(true)) {
    if (const types::TypeDesc* type = context.catalog().find_type(schema, name.name)) return type;
  }
  return nullptr;
}

const catalog::RoleDesc& get_role(SessionContext& context, std::string_view name) {
  const catalog::RoleDesc* role = context.snapshot().find_role(name);
  if (role != nullptr) return *role;
  throw SqlError(sqlstate::undefined_object, fmt::format("role \"{}\" does not exist", name));
}

const catalog::RoleDesc& get_role(SessionContext& context, const PgQuery__RoleSpec& spec) {
  switch (spec.roletype) {
    case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CURRENT_ROLE:
    case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_CURRENT_USER:
      return get_role(context, context.current_user);
    case PG_QUERY__ROLE_SPEC_TYPE__ROLESPEC_SESSION_USER:
      return get_role(context, context.session_user);
    default:
      return get_role(context, raw::view(spec.rolename));
  }
}

const ColumnDesc* find_column(const RelationDesc& relation, std::string_view name) {
  for (const ColumnDesc& column : relation.columns) {
    if (!column.is_dropped && column.name == name) return &column;
  }
  return nullptr;
}

const ColumnDesc& get_column(const RelationDesc& relation, std::string_view name) {
  if (const ColumnDesc* column = find_column(relation, name)) return *column;
  throw SqlError(
      sqlstate::undefined_column,
      fmt::format("column \"{}\" of relation \"{}\" does not exist", name, relation.name));
}

std::string_view relation_kind_name(char kind) {
  switch (kind) {
    case 'v':
      return "view";
    case 'm':
      return "materialized view";
    case 'i':
      return "index";
    case 'S':
      return "sequence";
    case 'c':
      return "type";
    default:
      return "table";
  }
}

std::string definition_text(const raw::Node* arg) {
  if (arg == nullptr) return {};
  switch (arg->node_case) {
    case PG_QUERY__NODE__NODE_STRING:
      return arg->string->sval;
    case PG_QUERY__NODE__NODE_INTEGER:
      return std::to_string(arg->integer->ival);
    case PG_QUERY__NODE__NODE_FLOAT:
      return arg->float_->fval;
    case PG_QUERY__NODE__NODE_BOOLEAN:
      return arg->boolean->boolval != 0 ? "true" : "false";
    case PG_QUERY__NODE__NODE_TYPE_NAME: {
      const PgQuery__TypeName& type = *arg->type_name;
      return std::string(raw::string_of(type.names[type.n_names - 1]));
    }
    default:
      return {};
  }
}

bool definition_flag(const PgQuery__DefElem& element) {
  if (element.arg == nullptr) return true;
  bool flag = false;
  if (!parse_boolean_setting(definition_text(element.arg), flag)) {
    throw SqlError(sqlstate::syntax_error,
                   fmt::format("{} requires a Boolean value", element.defname));
  }
  return flag;
}

catalog::Options parse_rel_options(raw::NodeList options) {
  catalog::Options parsed;
  for (const raw::Node* node : options) {
    const PgQuery__DefElem& element = *node->def_elem;
    parsed.emplace_back(element.defname,
                        element.arg == nullptr ? "true" : definition_text(element.arg));
  }
  return parsed;
}

int position_of(const UtilityCall& call, int location) {
  if (location < 0) return 0;
  return query::character_position(call.text(), static_cast<std::size_t>(location));
}

void notice_skip(SessionContext& context, std::string message) {
  context.notice("NOTICE", sqlstate::successful_completion, message + ", skipping");
}

}  // namespace dvecdb::server::exec
