#include "server/catalog/definitions.h"

#include "server/catalog/names.h"
#include "server/catalog/sql_functions.h"
#include "server/catalog/stored_texts.h"
#include "server/catalog/table.h"
#include "server/catalog/visibility.h"
#include "server/query/deparse.h"
#include "server/query/domain_value.h"
#include "server/query/parse.h"

namespace dvecdb::server::catalog {

namespace {

std::string relation_name(const DefinitionContext& context, Oid oid, bool qualified) {
  const RelationDesc* relation = context.catalog.find_relation(oid);
  if (relation == nullptr) return std::to_string(oid);
  const bool with_schema = qualified || !is_visible(context.catalog, *relation);
  return qualified_name(with_schema ? relation->schema : "", relation->name);
}

std::string column_list(const RelationDesc* relation, const std::vector<std::int16_t>& numbers) {
  std::string out;
  for (const std::int16_t number : numbers) {
    if (!out.empty()) out += ", ";
    const bool is_known = relation != nullptr && number > 0 &&
                          static_cast<std::size_t>(number) <= relation->columns.size();
    out += is_known ? quote_name(relation->columns[number - 1].name) : std::to_string(number);
  }
  return out;
}

std::string parenthesized(const std::string& text) {
  return "(" + text + ")";
}

// An expression in an index: a function call stands as it is, all else needs parentheses.
std::string key_text(const DefinitionContext& context, const IndexDesc::Key& key,
                     const RelationDesc* table, query::PrintStyle style) {
  if (key.column != 0) return column_list(table, {key.column});
  const query::ExprPtr expr =
      query::analyze_expression(stored_text_context(context.catalog, context.io, context.user),
                                key.expression_text, table, {});
  const std::string text = query::deparse_expression(context.catalog, *expr, table, style);
  return query::prints_as_call(*expr) ? text : parenthesized(text);
}

std::string key_options(const DefinitionContext& context, const IndexDesc& index,
                        const IndexDesc::Key& key) {
  std::string out;
  const OperatorClassDesc* op_class = context.catalog.find_operator_class(key.operator_class);
  if (op_class != nullptr && !(op_class->is_default && op_class->method == index.method)) {
    const bool with_schema = !is_visible(context.catalog, *op_class);
    out += " " + qualified_name(with_schema ? op_class->schema : "", op_class->name);
  }
  if (key.descending) out += " DESC";
  if (key.nulls_first && !key.descending) out += " NULLS FIRST";
  if (!key.nulls_first && key.descending) out += " NULLS LAST";
  return out;
}

std::string option_value(const std::string& value) {
  if (quote_name(value) == value) return value;
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'') out.push_back(c);
    out.push_back(c);
  }
  return out + "'";
}

std::string action_words(char action) {
  switch (action) {
    case 'r':
      return "RESTRICT";
    case 'c':
      return "CASCADE";
    case 'n':
      return "SET NULL";
    case 'd':
      return "SET DEFAULT";
    default:
      return {};
  }
}

std::string domain_check(const DefinitionContext& context, const ConstraintDesc& constraint,
                         const std::vector<StoreRow>& kept, query::PrintStyle style) {
  const Oid domain = kept.empty() ? types::invalid_oid : kept.front().oid(pg_constraint::contypid);
  const query::TypeDesc* type = context.catalog.find_type(domain);
  if (type == nullptr) return constraint.check_text;
  const RelationDesc row = query::domain_value_row(type->base);
  return expression_definition(context, constraint.check_text, &row, style);
}

}  // namespace

std::string expression_definition(const DefinitionContext& context, std::string_view text,
                                  const RelationDesc* relation, query::PrintStyle style) {
  const query::AnalyzeContext analysis =
      stored_text_context(context.catalog, context.io, context.user);
  std::string out;
  for (const std::string& one : split_expressions(text)) {
    if (!out.empty()) out += ", ";
    const query::ExprPtr expr = query::analyze_expression(analysis, one, relation, {});
    out += query::deparse_expression(context.catalog, *expr, relation, style);
  }
  return out;
}

std::string index_definition(const DefinitionContext& context, const IndexDesc& index,
                             query::PrintStyle style) {
  const bool qualified = style != query::PrintStyle::pretty;
  const RelationDesc* table = context.catalog.find_relation(index.table);
  std::string out = index.is_unique ? "CREATE UNIQUE INDEX " : "CREATE INDEX ";
  out += quote_name(index.name) + " ON " + relation_name(context, index.table, qualified) +
         " USING " + index.method + " (";
  for (std::size_t i = 0; i < index.keys.size(); ++i) {
    if (i > 0) out += ", ";
    out +=
        key_text(context, index.keys[i], table, style) + key_options(context, index, index.keys[i]);
  }
  out += ")";
  if (!index.included.empty()) out += " INCLUDE (" + column_list(table, index.included) + ")";
  if (index.nulls_not_distinct) out += " NULLS NOT DISTINCT";
  if (!index.options.empty()) {
    std::string options;
    for (const auto& [name, value] : index.options) {
      options += (options.empty() ? "" : ", ") + quote_name(name) + "=" + option_value(value);
    }
    out += " WITH " + parenthesized(options);
  }
  if (!index.predicate_text.empty()) {
    out += " WHERE " + expression_definition(context, index.predicate_text, table, style);
  }
  return out;
}

std::string index_column_definition(const DefinitionContext& context, const IndexDesc& index,
                                    int column, query::PrintStyle style) {
  const RelationDesc* table = context.catalog.find_relation(index.table);
  const auto at = static_cast<std::size_t>(column) - 1;
  if (column < 1) return {};
  if (at < index.keys.size()) return key_text(context, index.keys[at], table, style);
  const std::size_t included = at - index.keys.size();
  if (included >= index.included.size()) return {};
  return column_list(table, {index.included[included]});
}

std::string constraint_definition(const DefinitionContext& context,
                                  const ConstraintDesc& constraint, query::PrintStyle style) {
  const Oid owner = context.catalog.snapshot().constraint_relation(constraint.oid);
  const RelationDesc* table = context.catalog.find_relation(owner);
  const auto kept = find_rows(context.connection, pg_constraint::table,
                              {{pg_constraint::oid, oid_value(constraint.oid)}});
  std::string out;
  if (constraint.type == 'c') {
    const std::string text =
        table == nullptr ? domain_check(context, constraint, kept, style)
                         : expression_definition(context, constraint.check_text, table, style);
    out = "CHECK " + parenthesized(text);
    if (!kept.empty() && kept.front().boolean(pg_constraint::connoinherit)) out += " NO INHERIT";
  } else if (constraint.type == 'f') {
    const RelationDesc* foreign = context.catalog.find_relation(constraint.foreign_table);
    out = "FOREIGN KEY " + parenthesized(column_list(table, constraint.columns)) + " REFERENCES " +
          relation_name(context, constraint.foreign_table, false) +
          parenthesized(column_list(foreign, constraint.foreign_columns));
    if (!kept.empty() && kept.front().character(pg_constraint::confmatchtype) == 'f') {
      out += " MATCH FULL";
    }
    if (constraint.on_update != 'a') out += " ON UPDATE " + action_words(constraint.on_update);
    if (constraint.on_delete != 'a') out += " ON DELETE " + action_words(constraint.on_delete);
  } else {
    const IndexDesc* index = context.catalog.find_index(constraint.index);
    out = constraint.type == 'p' ? "PRIMARY KEY " : "UNIQUE ";
    if (index != nullptr && index->nulls_not_distinct) out += "NULLS NOT DISTINCT ";
    out += parenthesized(column_list(table, constraint.columns));
    if (index != nullptr && !index->included.empty()) {
      out += " INCLUDE " + parenthesized(column_list(table, index->included));
    }
  }
  if (constraint.is_deferrable) out += " DEFERRABLE";
  if (constraint.is_deferred) out += " INITIALLY DEFERRED";
  if (!kept.empty() && !kept.front().boolean(pg_constraint::convalidated)) out += " NOT VALID";
  return out;
}

std::string view_definition(const DefinitionContext& context, const RelationDesc& view,
                            query::PrintStyle style) {
  query::AnalyzeContext analysis = stored_text_context(context.catalog, context.io, context.user);
  analysis.statement_text = view.view_text;
  query::ParamTypes no_params;
  const query::QueryPtr query =
      query::analyze(analysis, query::parse(view.view_text).at(0), no_params);
  return query::deparse_query(context.catalog, *query, style) + ";";
}

}  // namespace dvecdb::server::catalog
