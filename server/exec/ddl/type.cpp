// CREATE TYPE (enum, composite), CREATE DOMAIN and their ALTER.
#include <fmt/format.h>

#include <algorithm>

#include "server/exec/ddl/table_definition.h"
#include "server/query/deparse.h"
#include "server/query/domain_value.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
using types::TypeDesc;
using types::TypeKind;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

// Where a type is made; throws 42710 when its name is taken.
Oid new_type_schema(Ddl& ddl, const QualifiedName& name) {
  const query::SchemaDesc& schema = creation_schema(ddl, name, false);
  if (ddl.catalog().find_type(schema.name, name.name) != nullptr) {
    throw SqlError(sqlstate::duplicate_object,
                   fmt::format("type \"{}\" already exists", name.name));
  }
  return schema.oid;
}

const TypeDesc& get_type(Ddl& ddl, const QualifiedName& name) {
  const TypeDesc* type = find_user_type(ddl.context(), name);
  if (type != nullptr) return *type;
  throw SqlError(sqlstate::undefined_object, fmt::format("type \"{}\" does not exist", name.name));
}

// CHECK's expression as it was written: the grammar gives no text, the deparser a canonical one.
// VALUE stands for a column of that name.
std::string check_text(Ddl& ddl, const raw::Node* node, types::TypeRef base) {
  const query::RelationDesc row = query::domain_value_row(base);
  const query::ExprPtr expr = query::analyze_node(ddl.analysis(), node, &row, {16, -1});
  return query::deparse_expression(ddl.catalog(), *expr, &row);
}

catalog::DomainDefinition::Check read_check(Ddl& ddl, const PgQuery__Constraint& constraint,
                                            types::TypeRef base) {
  return {std::string(raw::view(constraint.conname)), check_text(ddl, constraint.raw_expr, base)};
}

const TypeDesc& get_domain(Ddl& ddl, const QualifiedName& name) {
  const TypeDesc& type = get_type(ddl, name);
  if (type.kind == TypeKind::domain) return type;
  throw SqlError(sqlstate::wrong_object_type, fmt::format("\"{}\" is not a domain", name.name));
}

void drop_domain_constraint(Ddl& ddl, const TypeDesc& domain,
                            const PgQuery__AlterDomainStmt& statement) {
  const std::string_view name = statement.name;
  for (const query::ConstraintDesc* constraint : ddl.snapshot().domain_constraints(domain.oid)) {
    if (constraint->name != name) continue;
    ddl.writer().drop({catalog::constraint_address(constraint->oid)},
                      statement.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE);
    return;
  }
  const std::string message =
      fmt::format("constraint \"{}\" of domain \"{}\" does not exist", name, domain.name);
  if (statement.missing_ok == 0) throw SqlError(sqlstate::undefined_object, message);
  notice_skip(ddl.context(), message);
}

}  // namespace

StatementResult run_create_enum(UtilityCall& call) {
  const PgQuery__CreateEnumStmt& statement = *call.node->create_enum_stmt;
  Ddl ddl(call, "CREATE TYPE");
  const QualifiedName name = name_of(raw::list(statement.n_type_name, statement.type_name));
  const Oid schema = new_type_schema(ddl, name);
  std::vector<std::string> labels;
  for (const raw::Node* node : raw::list(statement.n_vals, statement.vals)) {
    labels.emplace_back(raw::string_of(node));
  }
  ddl.writer().create_enum(name.name, schema, ddl.owner(), labels);
  ddl.changed();
  return tag_result("CREATE TYPE");
}

StatementResult run_alter_enum(UtilityCall& call) {
  const PgQuery__AlterEnumStmt& statement = *call.node->alter_enum_stmt;
  Ddl ddl(call, "ALTER TYPE");
  const QualifiedName name = name_of(raw::list(statement.n_type_name, statement.type_name));
  const TypeDesc& type = get_type(ddl, name);
  if (type.kind != TypeKind::enumeration) {
    throw SqlError(sqlstate::wrong_object_type, fmt::format("\"{}\" is not an enum", name.name));
  }
  const std::string label(raw::view(statement.new_val));
  if (!raw::view(statement.old_val).empty()) {
    ddl.writer().rename_enum_label(type.oid, statement.old_val, label);
  } else {
    const bool is_there =
        std::any_of(type.labels.begin(), type.labels.end(),
                    [&](const types::EnumLabel& known) { return known.label == label; });
    if (is_there && statement.skip_if_new_val_exists != 0) {
      call.context.notice("NOTICE", sqlstate::duplicate_object,
                          fmt::format("enum label \"{}\" already exists, skipping", label));
      return tag_result("ALTER TYPE");
    }
    if (!raw::view(statement.new_val_neighbor).empty()) {
      // Stored values are positions: a label between others would change what they mean.
      throw SqlError(sqlstate::feature_not_supported,
                     "ALTER TYPE ... ADD VALUE BEFORE or AFTER is not supported");
    }
    ddl.writer().add_enum_label(type.oid, label);
  }
  ddl.changed();
  return tag_result("ALTER TYPE");
}

StatementResult run_create_composite(UtilityCall& call) {
  const PgQuery__CompositeTypeStmt& statement = *call.node->composite_type_stmt;
  Ddl ddl(call, "CREATE TYPE");
  const QualifiedName name = name_of(*statement.typevar);
  catalog::TableDefinition type;
  type.name = name.name;
  type.schema = new_type_schema(ddl, name);
  type.owner = ddl.owner();
  std::vector<ConstraintSource> none;
  for (const raw::Node* node : raw::list(statement.n_coldeflist, statement.coldeflist)) {
    type.columns.push_back(read_column(ddl, *node->column_def, name.name, none).definition);
  }
  ddl.writer().create_composite(type);
  ddl.changed();
  return tag_result("CREATE TYPE");
}

StatementResult run_create_domain(UtilityCall& call) {
  const PgQuery__CreateDomainStmt& statement = *call.node->create_domain_stmt;
  Ddl ddl(call, "CREATE DOMAIN");
  const QualifiedName name = name_of(raw::list(statement.n_domainname, statement.domainname));
  catalog::DomainDefinition domain;
  domain.name = name.name;
  domain.schema = new_type_schema(ddl, name);
  domain.owner = ddl.owner();
  domain.base = query::resolve_type_name(ddl.analysis(), statement.type_name);
  query::ExprPtr default_value;
  for (const raw::Node* node : raw::list(statement.n_constraints, statement.constraints)) {
    const PgQuery__Constraint& constraint = *node->constraint;
    switch (constraint.contype) {
      case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
        domain.not_null = true;
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_NULL:
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
        default_value =
            query::analyze_node(ddl.analysis(), constraint.raw_expr, nullptr, domain.base);
        domain.default_value = default_value.get();
        break;
      case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
        domain.checks.push_back(read_check(ddl, constraint, domain.base));
        break;
      default:
        throw SqlError(sqlstate::syntax_error, "unique constraints not possible for domains");
    }
  }
  ddl.writer().create_domain(domain);
  ddl.changed();
  return tag_result("CREATE DOMAIN");
}

StatementResult run_alter_domain(UtilityCall& call) {
  const PgQuery__AlterDomainStmt& statement = *call.node->alter_domain_stmt;
  Ddl ddl(call, "ALTER DOMAIN");
  const QualifiedName name = name_of(raw::list(statement.n_type_name, statement.type_name));
  const TypeDesc& domain = get_domain(ddl, name);
  switch (raw::view(statement.subtype).empty() ? '\0' : statement.subtype[0]) {
    case 'T': {  // SET or DROP DEFAULT
      const query::ExprPtr value =
          statement.def == nullptr
              ? nullptr
              : query::analyze_node(ddl.analysis(), statement.def, nullptr, domain.base);
      ddl.writer().set_domain_default(domain.oid, value.get());
      break;
    }
    case 'N':
      ddl.writer().set_domain_not_null(domain.oid, false);
      break;
    case 'O':
      ddl.writer().set_domain_not_null(domain.oid, true);
      break;
    case 'C':
      ddl.writer().add_domain_check(domain.oid,
                                    read_check(ddl, *statement.def->constraint, domain.base));
      break;
    case 'X':
      drop_domain_constraint(ddl, domain, statement);
      break;
    default:  // VALIDATE: checks were made when values were stored
      break;
  }
  ddl.changed();
  return tag_result("ALTER DOMAIN");
}

}  // namespace dvecdb::server::exec
