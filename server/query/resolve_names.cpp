// Types, relations and collations by name.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "server/query/analyze_internal.h"
#include "server/query/deparse.h"

namespace dvecdb::server::query {

std::string name_list_text(raw::NodeList names) {
  std::string text;
  for (const raw::Node* node : names) {
    if (!text.empty()) text += ".";
    text += raw::is(node, PG_QUERY__NODE__NODE_A_STAR) ? "*" : std::string(raw::string_of(node));
  }
  return text;
}

std::pair<std::string, std::string> qualified_name(const Statement& statement, raw::NodeList names,
                                                   int location) {
  std::vector<std::string> parts = raw::strings_of(names);
  switch (parts.size()) {
    case 1:
      return {"", parts[0]};
    case 2:
      return {parts[0], parts[1]};
    case 3:  // database.schema.name: there is one database in reach
      return {parts[1], parts[2]};
    default:
      throw error_at(statement, sqlstate::syntax_error,
                     "improper qualified name (too many dotted names): " + name_list_text(names),
                     location);
  }
}

const TypeDesc* find_type_named(const Statement& statement, std::string_view schema,
                                std::string_view name) {
  if (!schema.empty()) return statement.catalog().find_type(schema, name);
  for (const std::string_view candidate : lookup_order(statement)) {
    if (const TypeDesc* desc = statement.catalog().find_type(candidate, name)) return desc;
  }
  return nullptr;
}

namespace {

// The text of a modifier: a number, a string or a bare word.
std::string modifier_text(const Statement& statement, const raw::Node* node, int location) {
  if (raw::is(node, PG_QUERY__NODE__NODE_A_CONST)) {
    const PgQuery__AConst& constant = *node->a_const;
    switch (constant.val_case) {
      case PG_QUERY__A__CONST__VAL_IVAL:
        return std::to_string(constant.ival->ival);
      case PG_QUERY__A__CONST__VAL_FVAL:
        return std::string(raw::view(constant.fval->fval));
      case PG_QUERY__A__CONST__VAL_SVAL:
        return std::string(raw::view(constant.sval->sval));
      default:
        break;
    }
  } else if (raw::is(node, PG_QUERY__NODE__NODE_COLUMN_REF) && node->column_ref->n_fields == 1) {
    const std::string_view word = raw::string_of(node->column_ref->fields[0]);
    if (!word.empty()) return std::string(word);
  }
  throw error_at(statement, sqlstate::syntax_error,
                 "type modifiers must be simple constants or identifiers", location);
}

std::int32_t typmod_of(const Statement& statement, const PgQuery__TypeName& name,
                       const TypeDesc& desc) {
  const auto nodes = raw::list(name.n_typmods, name.typmods);
  if (nodes.empty()) return name.typemod;
  std::vector<std::string> texts;
  for (const raw::Node* node : nodes) {
    texts.push_back(modifier_text(statement, node, name.location));
  }
  // INTERVAL_FULL_RANGE alone means no modifier.
  std::vector<std::string_view> views(texts.begin(), texts.end());
  if (desc.kind == TypeKind::domain ||
      (desc.oid != oids::interval &&
       statement.catalog().find_cast(desc.oid, desc.oid) == nullptr)) {
    throw error_at(statement, sqlstate::syntax_error,
                   fmt::format("type modifier is not allowed for type \"{}\"",
                               format_type(statement.catalog(), {desc.oid, -1})),
                   name.location);
  }
  try {
    return types::parse_typmod(desc.oid, views.data(), views.size());
  } catch (SqlError& error) {
    if (error.fields().position == 0 && name.location >= 0) {
      error.at(character_position(statement.context.statement_text,
                                  static_cast<std::size_t>(name.location)));
    }
    throw;
  }
}

}  // namespace

TypeRef resolve_type(const Statement& statement, const PgQuery__TypeName& name) {
  const auto names = raw::list(name.n_names, name.names);
  std::string bounds;
  for (std::size_t i = 0; i < name.n_array_bounds; ++i) bounds += "[]";
  if (name.pct_type) {
    throw error_at(statement, sqlstate::feature_not_supported, "%TYPE is not supported",
                   name.location);
  }
  auto [schema, type_name] = qualified_name(statement, names, name.location);
  if (!schema.empty() && statement.catalog().find_schema(schema) == nullptr) {
    throw error_at(statement, sqlstate::invalid_schema_name,
                   fmt::format("schema \"{}\" does not exist", schema), name.location);
  }
  const TypeDesc* desc = find_type_named(statement, schema, type_name);
  if (desc == nullptr) {
    throw error_at(statement, sqlstate::undefined_object,
                   fmt::format("type \"{}{}\" does not exist", name_list_text(names), bounds),
                   name.location);
  }
  TypeRef type{desc->oid, typmod_of(statement, name, *desc)};
  if (bounds.empty()) return type;
  if (desc->is_array) return type;
  if (desc->array == types::invalid_oid) {
    throw error_at(statement, sqlstate::undefined_object,
                   fmt::format("type \"{}{}\" does not exist", name_list_text(names), bounds),
                   name.location);
  }
  type.oid = desc->array;
  return type;
}

namespace {

bool is_later_cte(const Scope& scope, std::string_view name) {
  for (const Scope* at = &scope; at != nullptr; at = at->parent) {
    for (const Cte& cte : at->query->ctes) {
      if (cte.name == name) return true;
    }
  }
  return false;
}

}  // namespace

const RelationDesc& open_relation(const Scope& scope, const PgQuery__RangeVar& name) {
  const std::string_view schema = raw::view(name.schemaname);
  const std::string_view relation = raw::view(name.relname);
  if (const RelationDesc* desc = resolve_relation(scope.statement.context, schema, relation)) {
    return *desc;
  }
  const std::string shown =
      schema.empty() ? std::string(relation) : fmt::format("{}.{}", schema, relation);
  SqlError error = error_at(scope, sqlstate::undefined_table,
                            fmt::format("relation \"{}\" does not exist", shown), name.location);
  if (schema.empty() && is_later_cte(scope, relation)) {
    error
        .detail(fmt::format("There is a WITH item named \"{}\", but it cannot be referenced from "
                            "this part of the query.",
                            relation))
        .hint("Use WITH RECURSIVE, or re-order the WITH items to remove forward references.");
  }
  throw error;
}

const RelationDesc* resolve_relation(const AnalyzeContext& context, std::string_view schema,
                                     std::string_view name) {
  if (!schema.empty()) return context.catalog.find_relation(schema, name);
  ParamTypes none;
  const Statement statement{context, &none};
  for (const std::string_view candidate : lookup_order(statement)) {
    if (const RelationDesc* desc = context.catalog.find_relation(candidate, name)) return desc;
  }
  return nullptr;
}

Oid resolve_collation(const Scope& scope, const PgQuery__CollateClause& clause) {
  const auto names = raw::list(clause.n_collname, clause.collname);
  const auto [schema, name] = qualified_name(scope.statement, names, clause.location);
  const Oid collation = scope.statement.catalog().find_collation(name);
  if (collation != types::invalid_oid) return collation;
  throw error_at(
      scope, sqlstate::undefined_object,
      fmt::format("collation \"{}\" for encoding \"UTF8\" does not exist", name_list_text(names)),
      clause.location);
}

int edit_distance(std::string_view a, std::string_view b, int limit) {
  const int difference = static_cast<int>(a.size()) - static_cast<int>(b.size());
  if (std::abs(difference) > limit) return limit + 1;
  std::vector<int> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace dvecdb::server::query
