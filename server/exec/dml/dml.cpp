#include "server/exec/dml/dml.h"

#include <fmt/format.h>

#include "server/exec/dml/changed_rows.h"
#include "server/exec/dml/foreign_keys.h"
#include "server/exec/dml/table_writer.h"
#include "server/exec/select_stream.h"

namespace dvecdb::server::exec {

using query::CommandKind;

std::vector<Value> read_columns(const storage::Statement& statement, int first, int count) {
  std::vector<Value> values(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) {
    values[static_cast<std::size_t>(i)] = statement.column(first + i);
  }
  return values;
}

Returning::Returning(DmlCall& call) : call_(call) {
  if (call.returned != nullptr && !call.plan.returning.sql.empty()) {
    statement_.emplace(call.connection.prepare(call.plan.returning.sql));
  }
}

void Returning::add(std::int64_t rowid, std::span<const Value> extra) {
  if (!statement_) return;
  statement_->reset();
  bind_parameters(*statement_, call_.parameters);
  int parameter = static_cast<int>(call_.plan.parameter_types.size()) + 1;
  const int wanted = statement_->parameter_count();
  if (parameter <= wanted) statement_->bind(parameter, Value::integer(rowid));
  for (const Value& value : extra) {
    if (++parameter <= wanted) statement_->bind(parameter, value);
  }
  if (!statement_->step()) return;
  call_.returned->add(read_columns(*statement_, 0, static_cast<int>(call_.plan.columns.size())));
}

std::int64_t run_update(DmlCall& call) {
  const query::UpdatePlan& plan = call.plan.update;
  const int columns = static_cast<int>(plan.columns.size());
  RowBuffer targets;
  {
    storage::Statement source = call.connection.prepare(plan.source.sql);
    bind_parameters(source, call.parameters);
    while (source.step()) targets.add(read_columns(source, 0, 1 + columns + plan.extra));
  }
  TableWriter writer(call.context, call.foreign_keys, *plan.table);
  ChangedRows changed(call.connection, *plan.table, call.plan.changes);
  Returning returning(call);
  std::vector<Value> row;
  std::int64_t count = 0;
  while (targets.next(row)) {
    const std::int64_t rowid = row[0].as_integer();
    if (changed.has(rowid)) continue;
    changed.note_before(rowid);
    const std::span<const Value> values(row.data() + 1, static_cast<std::size_t>(columns));
    writer.update(rowid, plan.columns, values);
    returning.add(rowid, std::span<const Value>(row).subspan(1 + values.size()));
    if ((++count & 255) == 0) call.context.check_cancel();
  }
  return count;
}

std::int64_t run_delete(DmlCall& call) {
  const query::DeletePlan& plan = call.plan.delete_;
  RowBuffer targets;
  const int returned = call.returned != nullptr ? static_cast<int>(call.plan.columns.size()) : 0;
  {
    storage::Statement source = call.connection.prepare(plan.source.sql);
    bind_parameters(source, call.parameters);
    while (source.step()) targets.add(read_columns(source, 0, 1 + returned));
  }
  TableWriter writer(call.context, call.foreign_keys, *plan.table);
  ChangedRows changed(call.connection, *plan.table, call.plan.changes);
  std::vector<Value> row;
  std::int64_t count = 0;
  while (targets.next(row)) {
    const std::int64_t rowid = row[0].as_integer();
    if (changed.has(rowid)) continue;
    changed.note_before(rowid);
    if (!writer.remove(rowid)) continue;
    if (call.returned != nullptr) {
      row.erase(row.begin());
      call.returned->add(std::move(row));
    }
    if ((++count & 255) == 0) call.context.check_cancel();
  }
  return count;
}

std::string_view command_name(CommandKind command) {
  switch (command) {
    case CommandKind::insert:
      return "INSERT";
    case CommandKind::update:
      return "UPDATE";
    case CommandKind::delete_:
      return "DELETE";
    case CommandKind::select:
      break;
  }
  return "SELECT";
}

namespace {

std::int64_t run_select(DmlCall& call) {
  storage::Statement source = call.connection.prepare(call.plan.select.sql);
  bind_parameters(source, call.parameters);
  const int columns = static_cast<int>(call.plan.columns.size());
  std::int64_t count = 0;
  while (source.step()) {
    ++count;
    if (call.returned != nullptr) call.returned->add(read_columns(source, 0, columns));
  }
  return count;
}

std::int64_t run_command(DmlCall& call) {
  switch (call.plan.command) {
    case CommandKind::insert:
      return run_insert(call);
    case CommandKind::update:
      return run_update(call);
    case CommandKind::delete_:
      return run_delete(call);
    case CommandKind::select:
      break;
  }
  return run_select(call);
}

// Temporary tables stay with the connection, empty, for the next statement that asks for the same.
void clear_temporary_rows(storage::Connection& connection, const query::Plan& plan) {
  if (plan.output) {
    connection.execute(query::create_rows_sql(*plan.output));
    connection.execute(fmt::format("DELETE FROM {}", plan.output->name));
  }
  if (plan.changes) {
    connection.execute(query::create_changes_sql(*plan.changes));
    connection.execute(fmt::format("DELETE FROM {}", plan.changes->name));
  }
  for (const query::Plan& part : plan.before) clear_temporary_rows(connection, part);
  for (const query::Plan& part : plan.after) clear_temporary_rows(connection, part);
}

void store_rows(storage::Connection& connection, const query::TemporaryRows& target,
                RowBuffer& rows) {
  std::string places = "?1";
  for (std::size_t i = 1; i < target.columns; ++i) places += fmt::format(", ?{}", i + 1);
  storage::Statement insert =
      connection.prepare(fmt::format("INSERT INTO {} VALUES ({})", target.name, places));
  std::vector<Value> row;
  while (rows.next(row)) {
    insert.reset();
    for (std::size_t i = 0; i < row.size(); ++i) insert.bind(static_cast<int>(i) + 1, row[i]);
    insert.run();
  }
}

void run_parts(const DmlCall& whole, const std::vector<query::Plan>& parts) {
  for (const query::Plan& part : parts) {
    RowBuffer rows;
    DmlCall call{whole.context,      part,
                 whole.parameters,   whole.connection,
                 whole.foreign_keys, part.output ? &rows : nullptr};
    run_command(call);
    if (part.output) store_rows(whole.connection, *part.output, rows);
    whole.context.check_cancel();
  }
}

}  // namespace

StatementResult run_dml(SessionContext& context, CachedPlanPtr cached,
                        const std::vector<Value>& parameters) {
  const query::Plan& plan = cached->plan;
  const std::string_view name = command_name(plan.command);
  storage::Connection& connection = context.transaction.writer(name);
  context.environment.set_connection(&connection);
  StatementResult result;
  auto returned = std::make_unique<RowBuffer>();
  result.has_rows = plan.command == CommandKind::select || !plan.columns.empty();
  ForeignKeys foreign_keys(context);
  DmlCall call{context,    plan,         parameters,
               connection, foreign_keys, result.has_rows ? returned.get() : nullptr};
  if (plan.has_parts()) clear_temporary_rows(connection, plan);
  run_parts(call, plan.before);
  const std::int64_t count = run_command(call);
  run_parts(call, plan.after);
  if (plan.has_parts()) clear_temporary_rows(connection, plan);
  foreign_keys.finish();
  result.columns = plan.columns;
  if (result.has_rows) result.rows = std::move(returned);
  result.tag = fmt::format("{}{} {}", name, plan.command == CommandKind::insert ? " 0" : "", count);
  return result;
}

}  // namespace dvecdb::server::exec
