#include "server/exec/store_sets_rows_from.h"

#include <algorithm>

#include "server/exec/store_sets.h"
#include "server/exec/store_sets_table.h"
#include "server/query/rows_from.h"
#include "server/types/error.h"
#include "server/types/record.h"

namespace dvecdb::server::exec {

using functions::RowSource;
using query::RowsFromCall;
using query::RowsFromKind;
using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

// One function of the list while it runs.
struct Running {
  const RowsFromCall* call = nullptr;
  functions::SetFunction function = nullptr;
  std::shared_ptr<const CallTypes> types;
  std::vector<Value> arguments;  // owned
  std::unique_ptr<RowSource> source;
  bool is_done = false;
  std::vector<Value> row;
};

class RowsFrom {
 public:
  static constexpr int columns = rows_from_columns + 1;  // with ordinality
  static constexpr int arguments = 101;
  static std::string declaration() {
    return declare_table(rows_from_columns, "ordinality,", arguments);
  }

  explicit RowsFrom(StoreContext& store) : store_(store) {}

  void filter(int count, sqlite3_value** values) {
    prepare(to_value(values[0]).as_bytes());
    ordinality_ = 0;
    int next_argument = 1;
    for (Running& running : running_) {
      running.arguments.clear();
      for (int i = 0; i < running.call->arguments && next_argument < count; ++i) {
        running.arguments.push_back(to_value(values[next_argument++]).own());
      }
      start(running);
    }
  }

  bool next() {
    ++ordinality_;
    bool has_row = false;
    for (Running& running : running_) {
      if (!running.is_done && !advance(running)) {
        running.is_done = true;
        running.row.assign(static_cast<std::size_t>(running.call->columns), Value());
      }
      has_row = has_row || !running.is_done;
    }
    return has_row;
  }

  void column(sqlite3_context* context, int index) {
    if (index == rows_from_columns) {
      sqlite3_result_int64(context, ordinality_);
      return;
    }
    for (const Running& running : running_) {
      if (index < running.call->columns) {
        const auto at = static_cast<std::size_t>(index);
        set_result(context, at < running.row.size() ? running.row[at] : Value());
        return;
      }
      index -= running.call->columns;
    }
  }

 private:
  void prepare(std::string_view spec) {
    if (spec == spec_) return;
    spec_ = spec;
    running_.clear();
    calls_ = query::read_rows_from(spec_);
    for (const RowsFromCall& call : calls_) {
      Running running;
      running.call = &call;
      running.types = store_.call_types(call.types);
      if (call.kind == RowsFromKind::set) {
        const auto* entry = functions::Registry::instance().find_set(call.symbol);
        if (entry == nullptr) {
          throw SqlError(sqlstate::internal_error, "no set-returning function " + call.symbol);
        }
        running.function = entry->function;
      }
      running_.push_back(std::move(running));
    }
  }

  FunctionContext context_for(const Running& running) const {
    Environment& environment = store_.environment();
    return {environment, environment.io(), *running.types};
  }

  void start(Running& running) {
    running.source.reset();
    running.is_done =
        running.call->is_strict && std::any_of(running.arguments.begin(), running.arguments.end(),
                                               [](const Value& v) { return v.is_null(); });
    running.row.assign(static_cast<std::size_t>(running.call->columns), Value());
    if (running.is_done || running.function == nullptr) return;
    running.source = running.function(context_for(running), running.arguments);
  }

  bool advance(Running& running) {
    if (running.source != nullptr) return running.source->next(context_for(running), running.row);
    if (running.call->kind == RowsFromKind::set || ordinality_ > 1) return false;
    if (running.call->kind == RowsFromKind::value) {
      running.row.assign(1, running.arguments.at(0));
      return true;
    }
    if (running.arguments.at(0).is_null()) return true;  // a row of NULLs
    const auto fields = types::decode_record(running.arguments[0].as_bytes());
    const std::size_t width = std::min(running.row.size(), fields.size());
    for (std::size_t i = 0; i < width; ++i) running.row[i] = fields[i].value;
    return true;
  }

  StoreContext& store_;
  std::string spec_;
  std::vector<RowsFromCall> calls_;
  std::vector<Running> running_;
  sqlite3_int64 ordinality_ = 0;
};

}  // namespace

void register_rows_from(StoreContext& store) {
  TableFunction<RowsFrom>::add(store, "rows_from");
}

}  // namespace dvecdb::server::exec
