#include "server/exec/dml/foreign_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/exec/dml/table_writer.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using query::ColumnDesc;
using query::ConstraintDesc;
using query::RelationDesc;
using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

const ColumnDesc& column_of(const RelationDesc& relation, std::int16_t number) {
  return relation.columns[static_cast<std::size_t>(number - 1)];
}

const RelationDesc& relation_of(SessionContext& context, types::Oid oid) {
  const RelationDesc* relation = context.catalog().find_relation(oid);
  if (relation != nullptr) return *relation;
  throw SqlError(sqlstate::undefined_table,
                 fmt::format("relation with OID {} does not exist", oid));
}

// "p.c1 = f.c2 AND ...": the referenced row p of a referencing row f.
std::string match_sql(SessionContext& context, const ConstraintDesc& constraint,
                      const RelationDesc& referencing, const RelationDesc& referenced) {
  std::string sql;
  for (std::size_t i = 0; i < constraint.columns.size(); ++i) {
    const ColumnDesc& from = column_of(referencing, constraint.columns[i]);
    const ColumnDesc& to = column_of(referenced, constraint.foreign_columns[i]);
    sql += fmt::format("{}{} = {}", i > 0 ? " AND " : "",
                       key_sql(context, to.type, "p." + to.store_name),
                       key_sql(context, from.type, "f." + from.store_name));
  }
  return sql;
}

// Conditions on columns of `relation` under an alias against ?1..
std::string equals_parameters(SessionContext& context, const RelationDesc& relation,
                              const std::vector<std::int16_t>& columns, std::string_view alias) {
  std::string sql;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const ColumnDesc& column = column_of(relation, columns[i]);
    sql +=
        fmt::format("{}{} = {}", i > 0 ? " AND " : "",
                    key_sql(context, column.type, fmt::format("{}.{}", alias, column.store_name)),
                    key_sql(context, column.type, fmt::format("?{}", i + 1)));
  }
  return sql;
}

// Rows of the referencing table without a referenced row; `where` narrows them ("f.rowid = ?1").
std::string orphans_sql(SessionContext& context, const ConstraintDesc& constraint,
                        const RelationDesc& referencing, const RelationDesc& referenced,
                        std::string_view where) {
  std::string outputs;
  std::string conditions;
  for (const std::int16_t number : constraint.columns) {
    const std::string name = "f." + column_of(referencing, number).store_name;
    outputs += (outputs.empty() ? "" : ", ") + name;
    conditions += " AND " + name + " IS NOT NULL";
  }
  return fmt::format(
      "SELECT {} FROM {} AS f WHERE {}{} AND NOT EXISTS (SELECT 1 FROM {} AS p WHERE {}) LIMIT 1",
      outputs, referencing.store_name, where, conditions, referenced.store_name,
      match_sql(context, constraint, referencing, referenced));
}

[[noreturn]] void throw_orphan(SessionContext& context, const ConstraintDesc& constraint,
                               const RelationDesc& referencing, const RelationDesc& referenced,
                               const storage::Statement& row) {
  std::vector<Value> key;
  for (std::size_t i = 0; i < constraint.columns.size(); ++i) {
    key.push_back(row.column(static_cast<int>(i)));
  }
  throw SqlError(sqlstate::foreign_key_violation,
                 fmt::format("insert or update on table \"{}\" violates foreign key constraint "
                             "\"{}\"",
                             referencing.name, constraint.name))
      .detail(fmt::format("Key {} is not present in table \"{}\".",
                          describe_key(context, referencing, constraint.columns, key),
                          referenced.name))
      .schema(referencing.schema)
      .table(referencing.name)
      .constraint(constraint.name);
}

void check_written(SessionContext& context, const ConstraintDesc& constraint,
                   const RelationDesc& referencing, std::int64_t rowid) {
  const RelationDesc& referenced = relation_of(context, constraint.foreign_table);
  storage::Statement orphans = context.transaction.writing_connection().prepare(
      orphans_sql(context, constraint, referencing, referenced, "f.rowid = ?1"));
  orphans.bind(1, Value::integer(rowid));
  if (orphans.step()) throw_orphan(context, constraint, referencing, referenced, orphans);
}

// NO ACTION and RESTRICT: nobody may refer to a key that has gone for good.
void check_left(SessionContext& context, const ConstraintDesc& constraint,
                const RelationDesc& referencing, const RelationDesc& referenced,
                const std::vector<Value>& key, bool may_return) {
  std::string sql = fmt::format("SELECT 1 FROM {} AS f WHERE {}", referencing.store_name,
                                equals_parameters(context, referencing, constraint.columns, "f"));
  if (may_return) {
    sql += fmt::format(" AND NOT EXISTS (SELECT 1 FROM {} AS p WHERE {})", referenced.store_name,
                       equals_parameters(context, referenced, constraint.foreign_columns, "p"));
  }
  storage::Statement found = context.transaction.writing_connection().prepare(sql + " LIMIT 1");
  for (std::size_t i = 0; i < key.size(); ++i) found.bind(static_cast<int>(i) + 1, key[i]);
  if (!found.step()) return;
  throw SqlError(sqlstate::foreign_key_violation,
                 fmt::format("update or delete on table \"{}\" violates foreign key constraint "
                             "\"{}\" on table \"{}\"",
                             referenced.name, constraint.name, referencing.name))
      .detail(fmt::format("Key {} is still referenced from table \"{}\".",
                          describe_key(context, referenced, constraint.foreign_columns, key),
                          referencing.name))
      .schema(referencing.schema)
      .table(referencing.name)
      .constraint(constraint.name);
}

types::Oid constraint_table(SessionContext& context, const ConstraintDesc& constraint) {
  return context.snapshot().constraint_relation(constraint.oid);
}

// The relation may have been altered since: look constraint and table up again.
void check_deferred(SessionContext& context, types::Oid constraint_oid,
                    const std::function<void(const ConstraintDesc&, const RelationDesc&)>& check) {
  const ConstraintDesc* constraint = context.snapshot().find_constraint(constraint_oid);
  if (constraint == nullptr) return;
  check(*constraint, relation_of(context, constraint_table(context, *constraint)));
}

}  // namespace

ForeignKeys::ForeignKeys(SessionContext& context) : context_(context) {}
ForeignKeys::~ForeignKeys() = default;

TableWriter& ForeignKeys::writer(const RelationDesc& relation) {
  std::unique_ptr<TableWriter>& kept = writers_[relation.oid];
  if (!kept) kept = std::make_unique<TableWriter>(context_, *this, relation);
  return *kept;
}

void ForeignKeys::row_written(const RelationDesc& relation, std::int64_t rowid) {
  for (const ConstraintDesc* constraint : relation.constraints) {
    if (constraint->type == 'f') written_.push_back({constraint, &relation, rowid});
  }
}

void ForeignKeys::row_updated(const RelationDesc& relation, const std::vector<Value>& old_row,
                              const std::vector<Value>& new_row) {
  left(relation, old_row, &new_row);
}

void ForeignKeys::row_removed(const RelationDesc& relation, const std::vector<Value>& old_row) {
  left(relation, old_row, nullptr);
}

void ForeignKeys::left(const RelationDesc& relation, const std::vector<Value>& old_row,
                       const std::vector<Value>* new_row) {
  for (const ConstraintDesc* constraint : relation.referencing) {
    Left change{constraint, &relation, {}, {}, new_row != nullptr};
    bool is_same = new_row != nullptr;
    bool has_null = false;
    for (const std::int16_t number : constraint->foreign_columns) {
      const auto index = static_cast<std::size_t>(number - 1);
      const Value& value = old_row[index];
      has_null = has_null || value.is_null();
      change.key.push_back(value);
      if (new_row == nullptr) continue;
      const Value& renewed = (*new_row)[index];
      is_same =
          is_same && !value.is_null() && !renewed.is_null() &&
          types::compare(context_.io(), relation.columns[index].type.oid, value, renewed) == 0;
      change.new_key.push_back(renewed);
    }
    if (has_null || is_same) continue;
    for (Value& value : change.key) value.own();
    for (Value& value : change.new_key) value.own();
    const char action = change.is_update ? constraint->on_update : constraint->on_delete;
    if (action == 'r') {
      check_left(context_, *constraint,
                 relation_of(context_, constraint_table(context_, *constraint)), relation,
                 change.key, false);
      continue;
    }
    left_.push_back(std::move(change));
  }
}

void ForeignKeys::follow(const Left& change, char action) {
  const ConstraintDesc& constraint = *change.constraint;
  const RelationDesc& referencing = relation_of(context_, constraint_table(context_, constraint));
  std::vector<std::int64_t> rowids;
  {
    storage::Statement rows = context_.transaction.writing_connection().prepare(
        fmt::format("SELECT f.rowid FROM {} AS f WHERE {}", referencing.store_name,
                    equals_parameters(context_, referencing, constraint.columns, "f")));
    for (std::size_t i = 0; i < change.key.size(); ++i) {
      rows.bind(static_cast<int>(i) + 1, change.key[i]);
    }
    while (rows.step()) rowids.push_back(rows.column(0).as_integer());
  }
  TableWriter& target = writer(referencing);
  if (action == 'c' && !change.is_update) {
    for (const std::int64_t rowid : rowids) target.remove(rowid);
    return;
  }
  std::vector<Value> values(constraint.columns.size());
  if (action == 'c') values = change.new_key;
  if (action == 'd') {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const ColumnDesc& column = column_of(referencing, constraint.columns[i]);
      if (column.default_text.empty()) continue;
      const query::AnalyzeContext analysis = context_.analyze_context(column.default_text);
      const query::ExprPtr expr =
          query::analyze_expression(analysis, column.default_text, nullptr, column.type);
      storage::Statement computed = context_.transaction.writing_connection().prepare(
          "SELECT " + query::lower_expression(analysis, *expr, nullptr, ""));
      computed.step();
      values[i] = computed.column(0);
      values[i].own();
    }
  }
  for (const std::int64_t rowid : rowids) target.update(rowid, constraint.columns, values);
}

void ForeignKeys::finish() {
  std::vector<Left> checks;
  while (!left_.empty()) {
    const Left change = std::move(left_.front());
    left_.pop_front();
    const char action =
        change.is_update ? change.constraint->on_update : change.constraint->on_delete;
    if (action == 'a') {
      checks.push_back(change);
    } else {
      follow(change, action);
    }
  }
  SessionContext& context = context_;
  for (const Left& change : checks) {
    const auto check = [&context, key = change.key, oid = change.constraint->oid,
                        referenced = change.referenced->oid] {
      check_deferred(context, oid, [&](const ConstraintDesc& c, const RelationDesc& referencing) {
        check_left(context, c, referencing, relation_of(context, referenced), key, true);
      });
    };
    if (context.is_deferred(*change.constraint)) {
      context.transaction.before_commit(check);
    } else {
      check();
    }
  }
  for (const Written& row : written_) {
    if (!context.is_deferred(*row.constraint)) {
      check_written(context, *row.constraint, *row.relation, row.rowid);
      continue;
    }
    context.transaction.before_commit([&context, oid = row.constraint->oid, rowid = row.rowid] {
      check_deferred(context, oid, [&](const ConstraintDesc& c, const RelationDesc& referencing) {
        check_written(context, c, referencing, rowid);
      });
    });
  }
  written_.clear();
}

void ForeignKeys::check_all(SessionContext& context, const RelationDesc& relation,
                            const ConstraintDesc& constraint) {
  const RelationDesc& referenced = relation_of(context, constraint.foreign_table);
  storage::Statement orphans = context.transaction.writing_connection().prepare(
      orphans_sql(context, constraint, relation, referenced, "1"));
  if (orphans.step()) throw_orphan(context, constraint, relation, referenced, orphans);
}

void set_constraints(SessionContext& context, const std::vector<std::string>& names,
                     bool deferred) {
  const std::vector<const RelationDesc*> relations = context.snapshot().relations();
  for (const std::string& name : names) {
    const ConstraintDesc* found = nullptr;
    for (const RelationDesc* relation : relations) {
      for (const ConstraintDesc* constraint : relation->constraints) {
        if (constraint->name == name) found = constraint;
      }
    }
    if (found == nullptr) {
      throw SqlError(sqlstate::undefined_object,
                     fmt::format("constraint \"{}\" does not exist", name));
    }
    if (!found->is_deferrable) {
      throw SqlError(sqlstate::wrong_object_type,
                     fmt::format("constraint \"{}\" is not deferrable", name));
    }
  }
  context.set_deferred(names, deferred);
  if (!deferred) context.transaction.run_before_commit();
}

}  // namespace dvecdb::server::exec
