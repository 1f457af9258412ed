#include "server/exec/dml/copy_target.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/exec/select_stream.h"
#include "server/exec/statement_runner.h"
#include "server/query/deparse.h"
#include "server/types/oids.h"

namespace dvecdb::server::exec {

using query::ColumnDesc;
using query::RelationDesc;

namespace {

const ColumnDesc& column_of(const RelationDesc& relation, std::int16_t number) {
  return relation.columns[static_cast<std::size_t>(number - 1)];
}

bool is_domain(SessionContext& context, types::Oid type) {
  const types::TypeDesc* desc = context.catalog().find_type(type);
  return desc != nullptr && desc->kind == types::TypeKind::domain;
}

types::TypeRef base_type(SessionContext& context, types::TypeRef type) {
  while (is_domain(context, type.oid)) type = context.catalog().find_type(type.oid)->base;
  return type;
}

}  // namespace

CopyTarget::CopyTarget(SessionContext& context, const RelationDesc& relation,
                       const std::vector<std::int16_t>& numbers, const query::raw::Node* where,
                       std::string_view text)
    : context_(context),
      foreign_keys_(context),
      writer_(context, foreign_keys_, relation),
      numbers_(numbers),
      row_(relation.columns.size()) {
  bool needs_plan = false;
  for (const std::int16_t number : numbers) {
    const types::TypeRef type = column_of(relation, number).type;
    input_types_.push_back(base_type(context, type));
    needs_plan = needs_plan || is_domain(context, type.oid);
  }
  for (const ColumnDesc& column : relation.columns) {
    if (column.is_dropped || column.generated != '\0') continue;
    if (std::find(numbers.begin(), numbers.end(), column.number) != numbers.end()) continue;
    needs_plan = needs_plan || !column.default_text.empty() || column.identity != '\0' ||
                 is_domain(context, column.type.oid);
  }
  if (needs_plan) plan_defaults(numbers);
  if (where == nullptr) return;
  const query::AnalyzeContext analysis = context.analyze_context(text);
  const query::ExprPtr expr =
      query::analyze_node(analysis, where, &relation, {types::oids::boolean, -1});
  where_.emplace(context.transaction.writing_connection().prepare(
      fmt::format("SELECT {} FROM {}", query::lower_expression(analysis, *expr, &relation, "n"),
                  row_subquery(relation, writer_.shape().live, "n"))));
}

// An INSERT of parameters into the given columns: its plan knows defaults, identity columns and
// domains.
void CopyTarget::plan_defaults(const std::vector<std::int16_t>& numbers) {
  const RelationDesc& relation = writer_.relation();
  std::string columns;
  std::string values;
  auto statement = std::make_shared<Statement>();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const ColumnDesc& column = column_of(relation, numbers[i]);
    const std::string separator = i > 0 ? ", " : "";
    columns += separator + query::quote_identifier(column.name);
    values += fmt::format("{}${}", separator, i + 1);
    if (is_domain(context_, column.type.oid)) {
      values += "::" + query::format_type(context_.catalog(), column.type);
    }
    statement->given_types.push_back(input_types_[i].oid);
  }
  const std::string target = fmt::format("{}.{}", query::quote_identifier(relation.schema),
                                         query::quote_identifier(relation.name));
  statement->text = std::make_shared<const std::string>(
      numbers.empty() ? fmt::format("INSERT INTO {} DEFAULT VALUES", target)
                      : fmt::format("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})",
                                    target, columns, values));
  statement->raw = query::parse(*statement->text).front();
  analyze_statement(context_, *statement, false);
  source_plan_ = statement->plan;
  source_columns_ = source_plan_->plan.insert.columns;
  source_.emplace(
      context_.transaction.writing_connection().prepare(source_plan_->plan.insert.source.sql));
}

bool CopyTarget::add(std::vector<Value>& values) {
  if (source_) {
    source_->reset();
    const int wanted = source_->parameter_count();
    for (std::size_t i = 0; i < values.size() && static_cast<int>(i) < wanted; ++i) {
      source_->bind(static_cast<int>(i) + 1, values[i], false);
    }
    source_->step();
    for (std::size_t i = 0; i < source_columns_.size(); ++i) {
      row_[static_cast<std::size_t>(source_columns_[i] - 1)] = source_->column(static_cast<int>(i));
    }
  } else {
    for (std::size_t i = 0; i < numbers_.size(); ++i) {
      row_[static_cast<std::size_t>(numbers_[i] - 1)] = std::move(values[i]);
    }
  }
  if (where_) {
    where_->reset();
    int parameter = 0;
    for (const int index : writer_.shape().live) {
      where_->bind(++parameter, row_[static_cast<std::size_t>(index)], false);
    }
    where_->step();
    const Value passes = where_->column(0);
    if (passes.is_null() || !passes.as_boolean()) return false;
  }
  writer_.insert(row_);
  return true;
}

}  // namespace dvecdb::server::exec
