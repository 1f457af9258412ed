#include "server/exec/dml/table_writer.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/exec/dml/foreign_keys.h"
#include "server/query/deparse.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using query::ColumnDesc;
using query::IndexDesc;
using query::RelationDesc;
using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::size_t shown_bytes = 64;  // of a value in an error's detail

std::string shown_value(SessionContext& context, types::TypeRef type, const Value& value) {
  if (value.is_null()) return "null";
  std::string text;
  types::output_text(context.io(), type, value, text);
  return text;
}

// At most 64 bytes, whole characters.
void clip(std::string& text) {
  if (text.size() <= shown_bytes) return;
  std::size_t end = shown_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  text += "...";
}

std::string pretty_expression(SessionContext& context, const RelationDesc& relation,
                              std::string_view text) {
  const query::AnalyzeContext analysis = context.analyze_context(text);
  return query::deparse_expression(context.catalog(),
                                   *query::analyze_expression(analysis, text, &relation, {}),
                                   &relation, query::PrintStyle::pretty);
}

const ColumnDesc& column_of(const RelationDesc& relation, std::int16_t number) {
  return relation.columns[static_cast<std::size_t>(number - 1)];
}

}  // namespace

std::string describe_row(SessionContext& context, const RelationDesc& relation,
                         const std::vector<Value>& row) {
  std::string text = "(";
  for (std::size_t i = 0; i < relation.columns.size() && i < row.size(); ++i) {
    if (relation.columns[i].is_dropped) continue;
    std::string shown = shown_value(context, relation.columns[i].type, row[i]);
    clip(shown);
    text += (text.size() > 1 ? ", " : "") + shown;
  }
  return text + ")";
}

std::string describe_key(SessionContext& context, const RelationDesc& relation,
                         const std::vector<std::int16_t>& columns, std::span<const Value> values) {
  std::string names;
  std::string shown;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const ColumnDesc& column = column_of(relation, columns[i]);
    names += (i > 0 ? ", " : "") + column.name;
    shown += (i > 0 ? ", " : "") + shown_value(context, column.type, values[i]);
  }
  return fmt::format("({})=({})", names, shown);
}

TableWriter::TableWriter(SessionContext& context, ForeignKeys& foreign_keys,
                         const RelationDesc& relation)
    : context_(context),
      foreign_keys_(foreign_keys),
      shape_(context.shapes.get(context, relation)),
      connection_(context.transaction.writing_connection()) {}

storage::Statement& TableWriter::lease(std::optional<storage::Statement>& slot,
                                       const std::string& sql) {
  if (!slot) {
    slot.emplace(connection_.prepare(sql));
  } else {
    slot->reset();
  }
  return *slot;
}

void TableWriter::bind_row(storage::Statement& statement, const std::vector<Value>& row) const {
  int parameter = 0;
  for (const int index : shape_->live) {
    statement.bind(++parameter, row[static_cast<std::size_t>(index)], false);
  }
}

void TableWriter::check_not_null(const std::vector<Value>& row, std::span<const int> indexes) {
  for (const int index : indexes) {
    if (!row[static_cast<std::size_t>(index)].is_null()) continue;
    const ColumnDesc& column = relation().columns[static_cast<std::size_t>(index)];
    throw SqlError(sqlstate::not_null_violation,
                   fmt::format("null value in column \"{}\" of relation \"{}\" violates "
                               "not-null constraint",
                               column.name, relation().name))
        .detail(fmt::format("Failing row contains {}.", describe_row(context_, relation(), row)))
        .schema(relation().schema)
        .table(relation().name)
        .column(column.name);
  }
}

void TableWriter::check_checks(const std::vector<Value>& row) {
  if (shape_->check_names.empty()) return;
  storage::Statement& check = lease(check_, shape_->check_sql);
  bind_row(check, row);
  check.step();
  for (std::size_t i = 0; i < shape_->check_names.size(); ++i) {
    const Value holds = check.column(static_cast<int>(i));
    if (holds.is_null() || holds.as_boolean()) continue;
    throw SqlError(sqlstate::check_violation,
                   fmt::format("new row for relation \"{}\" violates check constraint \"{}\"",
                               relation().name, shape_->check_names[i]))
        .detail(fmt::format("Failing row contains {}.", describe_row(context_, relation(), row)))
        .schema(relation().schema)
        .table(relation().name)
        .constraint(shape_->check_names[i]);
  }
  check.reset();
}

void TableWriter::prepare_row(std::vector<Value>& row) {
  if (!shape_->generated.empty()) {
    for (const int index : shape_->generated) row[static_cast<std::size_t>(index)] = Value::null();
    storage::Statement& generated = lease(generated_, shape_->generated_sql);
    bind_row(generated, row);
    generated.step();
    for (std::size_t i = 0; i < shape_->generated.size(); ++i) {
      Value value = generated.column(static_cast<int>(i));
      row[static_cast<std::size_t>(shape_->generated[i])] = value.own();
    }
    generated.reset();
  }
  check_not_null(row, shape_->not_null);
  check_checks(row);
}

std::int64_t TableWriter::insert(std::vector<Value>& row) {
  prepare_row(row);
  storage::Statement& statement = lease(insert_, shape_->insert_sql);
  bind_row(statement, row);
  try {
    statement.run();
  } catch (const storage::ConstraintError& error) {
    throw_unique(error, row);
  }
  const std::int64_t rowid = connection_.last_insert_rowid();
  if (!shape_->references.empty()) foreign_keys_.row_written(relation(), rowid);
  return rowid;
}

std::optional<std::int64_t> TableWriter::insert_or_ignore(std::vector<Value>& row) {
  prepare_row(row);
  storage::Statement& statement = lease(insert_or_ignore_, shape_->insert_or_ignore_sql);
  bind_row(statement, row);
  statement.run();
  if (connection_.changes() == 0) return std::nullopt;
  const std::int64_t rowid = connection_.last_insert_rowid();
  if (!shape_->references.empty()) foreign_keys_.row_written(relation(), rowid);
  return rowid;
}

std::string TableWriter::update_sql(std::span<const std::int16_t> columns) const {
  std::string assignments;
  int parameter = 1;
  const auto assign = [&](const ColumnDesc& column) {
    assignments +=
        fmt::format("{}{} = ?{}", assignments.empty() ? "" : ", ", column.store_name, ++parameter);
  };
  for (const std::int16_t number : columns) assign(column_of(relation(), number));
  for (const int index : shape_->generated) {
    assign(relation().columns[static_cast<std::size_t>(index)]);
  }
  return fmt::format("UPDATE {} SET {} WHERE rowid = ?1", relation().store_name, assignments);
}

void TableWriter::update(std::int64_t rowid, std::span<const std::int16_t> columns,
                         std::span<const Value> values) {
  if (!std::equal(columns.begin(), columns.end(), update_columns_.begin(), update_columns_.end())) {
    update_.reset();
    update_columns_.assign(columns.begin(), columns.end());
  }
  std::vector<Value> old_row;
  std::vector<Value> row;
  const auto make_row = [&] {
    old_row = fetch(rowid);
    row = old_row;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      row[static_cast<std::size_t>(columns[i] - 1)] = values[i];
    }
  };
  if (shape_->needs_old_row()) {
    make_row();
    prepare_row(row);
  } else {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (!values[i].is_null() || !column_of(relation(), columns[i]).not_null) continue;
      make_row();
      check_not_null(row, shape_->not_null);
    }
  }
  if (columns.empty() && shape_->generated.empty()) return;
  storage::Statement& statement = lease(update_, update_ ? std::string() : update_sql(columns));
  int parameter = 1;
  statement.bind(1, Value::integer(rowid));
  for (const Value& value : values) statement.bind(++parameter, value, false);
  for (const int index : shape_->generated) {
    statement.bind(++parameter, row[static_cast<std::size_t>(index)], false);
  }
  try {
    statement.run();
  } catch (const storage::ConstraintError& error) {
    if (row.empty()) make_row();
    throw_unique(error, row);
  }
  if (!shape_->references.empty()) foreign_keys_.row_written(relation(), rowid);
  if (!relation().referencing.empty()) foreign_keys_.row_updated(relation(), old_row, row);
}

bool TableWriter::remove(std::int64_t rowid) {
  std::vector<Value> old_row;
  if (!relation().referencing.empty()) {
    old_row = fetch(rowid);
    if (old_row.empty()) return false;
  }
  storage::Statement& statement = lease(delete_, shape_->delete_sql);
  statement.bind(1, Value::integer(rowid));
  statement.run();
  const bool was_there = connection_.changes() > 0;
  if (was_there && !old_row.empty()) foreign_keys_.row_removed(relation(), old_row);
  return was_there;
}

std::vector<Value> TableWriter::fetch(std::int64_t rowid) {
  storage::Statement& statement = lease(fetch_, shape_->fetch_sql);
  statement.bind(1, Value::integer(rowid));
  if (!statement.step()) return {};
  std::vector<Value> row(relation().columns.size());
  for (std::size_t i = 0; i < shape_->live.size(); ++i) {
    Value value = statement.column(static_cast<int>(i));
    row[static_cast<std::size_t>(shape_->live[i])] = std::move(value.own());
  }
  statement.reset();
  return row;
}

// ?1.. are the live columns of the row that would be written.
std::string TableWriter::conflict_sql(const IndexDesc& index) {
  std::string conditions;
  const auto add = [&](const std::string& condition) {
    conditions += (conditions.empty() ? "" : " AND ") + condition;
  };
  for (const IndexDesc::Key& key : index.keys) {
    std::string mine;
    std::string theirs;
    if (key.column != 0) {
      const std::string& name = column_of(relation(), key.column).store_name;
      mine = "n." + name;
      theirs = "e." + name;
    } else {
      mine = lower_table_expression(context_, relation(), key.expression_text, "n", key.type);
      theirs = lower_table_expression(context_, relation(), key.expression_text, "e", key.type);
    }
    add(fmt::format("{} {} {}", key_sql(context_, key.type, theirs),
                    index.nulls_not_distinct ? "IS" : "=", key_sql(context_, key.type, mine)));
  }
  if (!index.predicate_text.empty()) {
    const types::TypeRef boolean{16, -1};
    add(lower_table_expression(context_, relation(), index.predicate_text, "n", boolean));
    add(lower_table_expression(context_, relation(), index.predicate_text, "e", boolean));
  }
  return fmt::format("SELECT e.rowid FROM {} CROSS JOIN {} AS e WHERE {} LIMIT 1",
                     row_subquery(relation(), shape_->live, "n"), relation().store_name,
                     conditions);
}

std::optional<std::int64_t> TableWriter::find_conflict(const IndexDesc& index,
                                                       const std::vector<Value>& row) {
  storage::Statement statement = connection_.prepare(conflict_sql(index));
  bind_row(statement, row);
  if (!statement.step()) return std::nullopt;
  return statement.column(0).as_integer();
}

void TableWriter::throw_unique(const storage::ConstraintError& error,
                               const std::vector<Value>& row) {
  insert_.reset();
  update_.reset();
  const IndexDesc* violated = nullptr;
  for (const IndexDesc* index : shape_->unique_indexes) {
    const bool is_it = error.index_name().empty() ? find_conflict(*index, row).has_value()
                                                  : index->store_name == error.index_name();
    if (is_it) violated = index;
    if (is_it) break;
  }
  if (violated == nullptr) throw error;
  std::string names;
  std::string values;
  for (const IndexDesc::Key& key : violated->keys) {
    const std::string separator = names.empty() ? "" : ", ";
    if (key.column != 0) {
      const ColumnDesc& column = column_of(relation(), key.column);
      names += separator + column.name;
      values += separator +
                shown_value(context_, column.type, row[static_cast<std::size_t>(key.column - 1)]);
      continue;
    }
    names += separator + pretty_expression(context_, relation(), key.expression_text);
    storage::Statement computed = connection_.prepare(fmt::format(
        "SELECT {} FROM {}",
        lower_table_expression(context_, relation(), key.expression_text, "n", key.type),
        row_subquery(relation(), shape_->live, "n")));
    bind_row(computed, row);
    computed.step();
    values += separator + shown_value(context_, key.type, computed.column(0));
  }
  throw SqlError(
      sqlstate::unique_violation,
      fmt::format("duplicate key value violates unique constraint \"{}\"", violated->name))
      .detail(fmt::format("Key ({})=({}) already exists.", names, values))
      .schema(relation().schema)
      .table(relation().name)
      .constraint(violated->name);
}

}  // namespace dvecdb::server::exec
