#include "server/exec/dml/dml.h"

#include <fmt/format.h>

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
  ForeignKeys foreign_keys(call.context);
  TableWriter writer(call.context, foreign_keys, *plan.table);
  Returning returning(call);
  std::vector<Value> row;
  std::int64_t count = 0;
  while (targets.next(row)) {
    const std::int64_t rowid = row[0].as_integer();
    const std::span<const Value> values(row.data() + 1, static_cast<std::size_t>(columns));
    writer.update(rowid, plan.columns, values);
    returning.add(rowid, std::span<const Value>(row).subspan(1 + values.size()));
    if ((++count & 255) == 0) call.context.check_cancel();
  }
  foreign_keys.finish();
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
  ForeignKeys foreign_keys(call.context);
  TableWriter writer(call.context, foreign_keys, *plan.table);
  std::vector<Value> row;
  std::int64_t count = 0;
  while (targets.next(row)) {
    if (!writer.remove(row[0].as_integer())) continue;
    if (call.returned != nullptr) {
      row.erase(row.begin());
      call.returned->add(std::move(row));
    }
    if ((++count & 255) == 0) call.context.check_cancel();
  }
  foreign_keys.finish();
  return count;
}

StatementResult run_dml(SessionContext& context, CachedPlanPtr cached,
                        const std::vector<Value>& parameters) {
  const query::Plan& plan = cached->plan;
  const std::string_view name = plan.command == CommandKind::insert   ? "INSERT"
                                : plan.command == CommandKind::update ? "UPDATE"
                                                                      : "DELETE";
  storage::Connection& connection = context.transaction.writer(name);
  context.environment.set_connection(&connection);
  StatementResult result;
  auto returned = std::make_unique<RowBuffer>();
  result.has_rows = !plan.columns.empty();
  DmlCall call{context, plan, parameters, connection, result.has_rows ? returned.get() : nullptr};
  std::int64_t count = 0;
  switch (plan.command) {
    case CommandKind::insert:
      count = run_insert(call);
      break;
    case CommandKind::update:
      count = run_update(call);
      break;
    case CommandKind::delete_:
    case CommandKind::select:
      count = run_delete(call);
      break;
  }
  result.columns = plan.columns;
  if (result.has_rows) result.rows = std::move(returned);
  result.tag = fmt::format("{}{} {}", name, plan.command == CommandKind::insert ? " 0" : "", count);
  return result;
}

}  // namespace dvecdb::server::exec
