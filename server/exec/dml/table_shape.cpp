#include "server/exec/dml/table_shape.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/exec/session_context.h"
#include "server/types/oids.h"
#include "server/types/type_io.h"

namespace dvecdb::server::exec {

using query::ColumnDesc;
using query::ConstraintDesc;
using query::RelationDesc;

namespace {

std::string insert_statement(const TableShape& shape, std::string_view verb) {
  std::string columns;
  std::string values;
  for (std::size_t i = 0; i < shape.live.size(); ++i) {
    const ColumnDesc& column = shape.relation->columns[static_cast<std::size_t>(shape.live[i])];
    columns += (i > 0 ? ", " : "") + column.store_name;
    values += fmt::format("{}?{}", i > 0 ? ", " : "", i + 1);
  }
  if (shape.live.empty())
    return fmt::format("{} INTO {} DEFAULT VALUES", verb, shape.relation->store_name);
  return fmt::format("{} INTO {} ({}) VALUES ({})", verb, shape.relation->store_name, columns,
                     values);
}

void add_generated(SessionContext& context, TableShape& shape) {
  std::string outputs;
  for (const int index : shape.live) {
    const ColumnDesc& column = shape.relation->columns[static_cast<std::size_t>(index)];
    if (column.generated != 's') continue;
    outputs +=
        (shape.generated.empty() ? "" : ", ") +
        lower_table_expression(context, *shape.relation, column.default_text, "n", column.type);
    shape.generated.push_back(index);
  }
  if (shape.generated.empty()) return;
  shape.generated_sql =
      fmt::format("SELECT {} FROM {}", outputs, row_subquery(*shape.relation, shape.live, "n"));
}

void add_checks(SessionContext& context, TableShape& shape) {
  std::vector<const ConstraintDesc*> checks;
  for (const ConstraintDesc* constraint : shape.relation->constraints) {
    if (constraint->type == 'c') checks.push_back(constraint);
  }
  if (checks.empty()) return;
  std::sort(checks.begin(), checks.end(),
            [](const ConstraintDesc* a, const ConstraintDesc* b) { return a->name < b->name; });
  std::string outputs;
  for (const ConstraintDesc* check : checks) {
    outputs += (shape.check_names.empty() ? "" : ", ") +
               lower_table_expression(context, *shape.relation, check->check_text, "n",
                                      {types::oids::boolean, -1});
    shape.check_names.push_back(check->name);
  }
  shape.check_sql =
      fmt::format("SELECT {} FROM {}", outputs, row_subquery(*shape.relation, shape.live, "n"));
}

}  // namespace

std::string row_subquery(const RelationDesc& relation, const std::vector<int>& live,
                         std::string_view alias) {
  std::string outputs;
  for (std::size_t i = 0; i < live.size(); ++i) {
    const ColumnDesc& column = relation.columns[static_cast<std::size_t>(live[i])];
    outputs += fmt::format("{}?{} AS {}", i > 0 ? ", " : "", i + 1, column.store_name);
  }
  if (live.empty()) outputs = "NULL";
  return fmt::format("(SELECT {}) AS {}", outputs, alias);
}

std::string lower_table_expression(SessionContext& context, const RelationDesc& relation,
                                   std::string_view text, std::string_view qualifier,
                                   types::TypeRef target) {
  const query::AnalyzeContext analysis = context.analyze_context(text);
  const query::ExprPtr expr = query::analyze_expression(analysis, text, &relation, target);
  return query::lower_expression(analysis, *expr, &relation, qualifier);
}

std::string key_sql(SessionContext& context, types::TypeRef type, const std::string& sql) {
  const types::IoContext& io = context.io();
  Oid base = type.oid;
  for (const types::TypeDesc* desc = io.types->find_type(base);
       desc != nullptr && desc->kind == types::TypeKind::domain; desc = io.types->find_type(base)) {
    base = desc->base.oid;
  }
  switch (types::ordering_of(io, base)) {
    case types::Ordering::sort_key:
      return fmt::format("sort_key({}, {})", base, sql);
    case types::Ordering::collation:
      return fmt::format("{} COLLATE {}", sql, types::collation_name(io, base));
    case types::Ordering::native:
    case types::Ordering::none:
      break;
  }
  return sql;
}

TableShapePtr make_table_shape(SessionContext& context, const RelationDesc& relation) {
  auto shape = std::make_shared<TableShape>();
  shape->catalog = context.transaction.catalog();
  shape->relation = &relation;
  std::string fetched;
  for (std::size_t i = 0; i < relation.columns.size(); ++i) {
    const ColumnDesc& column = relation.columns[i];
    if (column.is_dropped) continue;
    fetched += (shape->live.empty() ? "" : ", ") + column.store_name;
    shape->live.push_back(static_cast<int>(i));
    if (column.not_null) shape->not_null.push_back(static_cast<int>(i));
  }
  shape->insert_sql = insert_statement(*shape, "INSERT");
  shape->insert_or_ignore_sql = insert_statement(*shape, "INSERT OR IGNORE");
  shape->fetch_sql = fmt::format("SELECT {} FROM {} WHERE rowid = ?1",
                                 fetched.empty() ? "NULL" : fetched, relation.store_name);
  shape->delete_sql = fmt::format("DELETE FROM {} WHERE rowid = ?1", relation.store_name);
  add_generated(context, *shape);
  add_checks(context, *shape);
  for (const ConstraintDesc* constraint : relation.constraints) {
    if (constraint->type == 'f') shape->references.push_back(constraint);
  }
  for (const query::IndexDesc* index : relation.indexes) {
    if (index->is_unique) shape->unique_indexes.push_back(index);
  }
  return shape;
}

TableShapePtr TableShapes::get(SessionContext& context, const RelationDesc& relation) {
  const catalog::SnapshotPtr& current = context.transaction.catalog();
  if (catalog_ != current) {
    shapes_.clear();
    catalog_ = current;
  }
  TableShapePtr& shape = shapes_[relation.oid];
  if (!shape) shape = make_table_shape(context, relation);
  return shape;
}

}  // namespace dvecdb::server::exec
