// INSERT with ON CONFLICT.
#include <fmt/format.h>

#include <unordered_set>

#include "server/exec/dml/changed_rows.h"
#include "server/exec/dml/dml.h"
#include "server/exec/dml/table_writer.h"
#include "server/exec/select_stream.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using query::ConflictAction;
using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

class Inserter {
 public:
  explicit Inserter(DmlCall& call)
      : call_(call),
        plan_(call.plan.insert),
        writer_(call.context, call.foreign_keys, *plan_.table),
        changed_(call.connection, *plan_.table, call.plan.changes),
        returning_(call),
        row_(plan_.table->columns.size()) {}

  // One row of the source, in the order of the plan's columns.
  void add(const storage::Statement& source) {
    for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
      row_[static_cast<std::size_t>(plan_.columns[i] - 1)] = source.column(static_cast<int>(i));
    }
    add_row();
  }
  void add(std::vector<Value>& values) {
    for (std::size_t i = 0; i < plan_.columns.size(); ++i) {
      row_[static_cast<std::size_t>(plan_.columns[i] - 1)] = std::move(values[i]);
    }
    add_row();
  }

  std::int64_t count() const { return count_; }

 private:
  void add_row() {
    if ((++seen_ & 255) == 0) call_.context.check_cancel();
    const query::ConflictClause& conflict = plan_.conflict;
    if (conflict.action == ConflictAction::none) {
      inserted(writer_.insert(row_));
      return;
    }
    if (conflict.arbiter == nullptr) {
      if (const auto rowid = writer_.insert_or_ignore(row_)) inserted(*rowid);
      return;
    }
    const std::optional<std::int64_t> existing = writer_.find_conflict(*conflict.arbiter, row_);
    if (!existing) {
      inserted(writer_.insert(row_));
    } else if (conflict.action == ConflictAction::update) {
      update(*existing);
    }
  }

  void inserted(std::int64_t rowid) {
    ++count_;
    if (plan_.conflict.action == ConflictAction::update) touched_.insert(rowid);
    changed_.note_inserted(rowid);
    returning_.add(rowid);
  }

  void update(std::int64_t rowid) {
    if (touched_.count(rowid) > 0 || changed_.has(rowid)) {
      throw SqlError(sqlstate::cardinality_violation,
                     "ON CONFLICT DO UPDATE command cannot affect row a second time")
          .hint(
              "Ensure that no rows proposed for insertion within the same command have "
              "duplicate constrained values.");
    }
    if (!conflict_) conflict_.emplace(call_.connection.prepare(plan_.conflict_update.sql));
    conflict_->reset();
    bind_parameters(*conflict_, call_.parameters);
    const int wanted = conflict_->parameter_count();
    int parameter = static_cast<int>(call_.plan.parameter_types.size()) + 1;
    if (parameter <= wanted) conflict_->bind(parameter, Value::integer(rowid));
    for (const std::int16_t number : plan_.columns) {
      if (++parameter > wanted) break;
      conflict_->bind(parameter, row_[static_cast<std::size_t>(number - 1)]);
    }
    if (!conflict_->step()) return;  // WHERE says no
    std::vector<Value> values =
        read_columns(*conflict_, 0, static_cast<int>(plan_.update_columns.size()));
    for (Value& value : values) value.own();
    conflict_->reset();
    changed_.note_before(rowid);
    writer_.update(rowid, plan_.update_columns, values);
    touched_.insert(rowid);
    ++count_;
    returning_.add(rowid);
  }

  DmlCall& call_;
  const query::InsertPlan& plan_;
  TableWriter writer_;
  ChangedRows changed_;
  Returning returning_;
  std::optional<storage::Statement> conflict_;
  std::vector<Value> row_;
  std::unordered_set<std::int64_t> touched_;  // by this command, with DO UPDATE
  std::int64_t count_ = 0;
  std::int64_t seen_ = 0;
};

}  // namespace

std::int64_t run_insert(DmlCall& call) {
  const query::InsertPlan& plan = call.plan.insert;
  Inserter inserter(call);
  storage::Statement source = call.connection.prepare(plan.source.sql);
  bind_parameters(source, call.parameters);
  // A source that reads tables might read what is inserted: take it whole first.
  if (call.plan.aliases.empty()) {
    while (source.step()) inserter.add(source);
    return inserter.count();
  }
  RowBuffer rows;
  while (source.step()) rows.add(read_columns(source, 0, static_cast<int>(plan.columns.size())));
  source.reset();
  std::vector<Value> row;
  while (rows.next(row)) inserter.add(row);
  return inserter.count();
}

}  // namespace dvecdb::server::exec
