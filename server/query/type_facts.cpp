#include <algorithm>

#include "server/query/analyze_internal.h"
#include "server/query/deparse.h"

namespace dvecdb::server::query {

SqlError error_at(const Statement& statement, std::string_view state, std::string message,
                  int location) {
  SqlError error(state, std::move(message));
  if (location >= 0) {
    error.at(
        character_position(statement.context.statement_text, static_cast<std::size_t>(location)));
  }
  return error;
}

SqlError error_at(const Scope& scope, std::string_view state, std::string message, int location) {
  return error_at(scope.statement, state, std::move(message), location);
}

SqlError not_supported(const Scope& scope, std::string_view feature, int location) {
  return error_at(scope, sqlstate::feature_not_supported,
                  std::string(feature) + " is not supported", location);
}

const TypeDesc& type_of(const Statement& statement, Oid type) {
  const TypeDesc* desc = statement.catalog().find_type(type);
  if (desc == nullptr) {
    throw SqlError(sqlstate::internal_error,
                   "cache lookup failed for type " + std::to_string(type));
  }
  return *desc;
}

TypeRef base_type(const Statement& statement, TypeRef type) {
  // The catalog cannot hold a ring of domains; the bound is a defence.
  for (int depth = 0; depth < 64; ++depth) {
    const TypeDesc* desc = statement.catalog().find_type(type.oid);
    if (desc == nullptr || desc->kind != TypeKind::domain) break;
    type = desc->base;
  }
  return type;
}

Oid base_type(const Statement& statement, Oid type) {
  return base_type(statement, TypeRef{type, -1}).oid;
}

Oid array_element(const Statement& statement, Oid type) {
  const TypeDesc* desc = statement.catalog().find_type(base_type(statement, type));
  return desc != nullptr && desc->is_array ? desc->element : types::invalid_oid;
}

Oid array_of(const Statement& statement, Oid element) {
  const TypeDesc* desc = statement.catalog().find_type(element);
  return desc == nullptr ? types::invalid_oid : desc->array;
}

char category_of(const Statement& statement, Oid type) {
  const TypeDesc* desc = statement.catalog().find_type(type);
  return desc == nullptr ? 'X' : desc->category;
}

bool is_preferred(const Statement& statement, char category, Oid type) {
  const TypeDesc* desc = statement.catalog().find_type(type);
  return desc != nullptr && desc->category == category && desc->is_preferred;
}

bool is_composite(const Statement& statement, Oid type) {
  if (type == oids::record) return true;
  const TypeDesc* desc = statement.catalog().find_type(base_type(statement, type));
  return desc != nullptr && desc->kind == TypeKind::composite;
}

bool is_polymorphic_one(Oid type) {
  return type == oids::anyelement || type == oids::anyarray || type == oids::anynonarray ||
         type == oids::anyenum || type == 3831 /* anyrange */ || type == 4537 /* anymultirange */;
}

bool is_polymorphic_compatible(Oid type) {
  return type == oids::anycompatible || type == oids::anycompatiblearray ||
         type == oids::anycompatiblenonarray || type == 5080 /* anycompatiblerange */ ||
         type == 4538 /* anycompatiblemultirange */;
}

bool is_polymorphic(Oid type) {
  return is_polymorphic_one(type) || is_polymorphic_compatible(type);
}

bool is_binary_coercible(const Statement& statement, Oid source, Oid target) {
  if (source == target) return true;
  if (target == oids::any || target == oids::anyelement || target == oids::anycompatible) {
    return true;
  }
  source = base_type(statement, source);
  if (source == target) return true;
  if (target == oids::anyarray || target == oids::anycompatiblearray) {
    return array_element(statement, source) != types::invalid_oid;
  }
  if (target == oids::anynonarray || target == oids::anycompatiblenonarray) {
    return array_element(statement, source) == types::invalid_oid;
  }
  const TypeDesc* desc = statement.catalog().find_type(source);
  if (target == oids::anyenum) return desc != nullptr && desc->kind == TypeKind::enumeration;
  if (target == oids::record) return desc != nullptr && desc->kind == TypeKind::composite;
  if (target == oids::record_array) {
    return is_composite(statement, array_element(statement, source));
  }
  const CastDesc* cast = statement.catalog().find_cast(source, target);
  return cast != nullptr && cast->method == 'b' && cast->context == 'i';
}

namespace {

bool has_default_class(const Statement& statement, std::string_view method, Oid type) {
  const Oid base = base_type(statement, type);
  for (const OperatorClassDesc* op_class : statement.catalog().find_operator_classes(method)) {
    if (op_class->is_default && is_binary_coercible(statement, base, op_class->type)) return true;
  }
  return false;
}

// Arrays and rows can do what their parts can do.
bool parts_can(const Statement& statement, Oid type, bool (*can)(const Statement&, Oid)) {
  const Oid element = array_element(statement, type);
  if (element != types::invalid_oid) return can(statement, element);
  const TypeDesc* desc = statement.catalog().find_type(base_type(statement, type));
  if (desc == nullptr || desc->kind != TypeKind::composite) return true;
  return std::all_of(desc->columns.begin(), desc->columns.end(),
                     [&](const auto& column) { return can(statement, column.type.oid); });
}

}  // namespace

bool has_ordering(const Statement& statement, Oid type) {
  return has_default_class(statement, "btree", type) && parts_can(statement, type, has_ordering);
}

bool has_equality(const Statement& statement, Oid type) {
  return (has_default_class(statement, "btree", type) ||
          has_default_class(statement, "hash", type)) &&
         parts_can(statement, type, has_equality);
}

void require_ordering(const Scope& scope, Oid type, int location) {
  if (has_ordering(scope.statement, type)) return;
  throw error_at(
      scope, sqlstate::undefined_function,
      "could not identify an ordering operator for type " + type_text(scope.statement, type),
      location)
      .hint("Use an explicit ordering operator or modify the query.");
}

void require_equality(const Scope& scope, Oid type, int location) {
  if (has_equality(scope.statement, type)) return;
  throw error_at(
      scope, sqlstate::undefined_function,
      "could not identify an equality operator for type " + type_text(scope.statement, type),
      location);
}

bool in_search_path(const Statement& statement, std::string_view schema) {
  if (schema == "pg_catalog") return true;
  const auto& path = statement.context.search_path;
  return std::find(path.begin(), path.end(), schema) != path.end();
}

std::vector<std::string_view> lookup_order(const Statement& statement) {
  const auto& path = statement.context.search_path;
  std::vector<std::string_view> order;
  if (std::find(path.begin(), path.end(), "pg_catalog") == path.end()) {
    order.emplace_back("pg_catalog");
  }
  order.insert(order.end(), path.begin(), path.end());
  return order;
}

std::string type_text(const Statement& statement, TypeRef type) {
  const std::string name = format_type(statement.catalog(), type);
  const Oid element = array_element(statement, type.oid);
  const TypeDesc* desc =
      statement.catalog().find_type(element == types::invalid_oid ? type.oid : element);
  if (desc == nullptr || desc->schema == "public") {
    // format_type leaves `public` away; say it where the search path does not have it.
    if (desc != nullptr && !in_search_path(statement, desc->schema)) return "public." + name;
  }
  return name;
}

std::string type_text(const Statement& statement, Oid type) {
  return type_text(statement, TypeRef{type, -1});
}

std::string type_list(const Statement& statement, const std::vector<Oid>& types) {
  std::string text;
  for (const Oid type : types) {
    if (!text.empty()) text += ", ";
    text += type_text(statement, type);
  }
  return text;
}

std::vector<Oid> types_of(const ExprList& list) {
  std::vector<Oid> types;
  types.reserve(list.size());
  for (const ExprPtr& expr : list) types.push_back(expr->type.oid);
  return types;
}

std::vector<const Expr*> pointers(const ExprList& list) {
  std::vector<const Expr*> result;
  result.reserve(list.size());
  for (const ExprPtr& expr : list) result.push_back(expr.get());
  return result;
}

}  // namespace dvecdb::server::query
