#include "server/exec/select_stream.h"

namespace dvecdb::server::exec {

namespace {

class SelectStream : public RowStream {
 public:
  SelectStream(SessionContext& context, CachedPlanPtr plan, StatementConnection connection,
               const std::vector<Value>& parameters)
      : context_(context),
        plan_(std::move(plan)),
        connection_(std::move(connection)),
        statement_(connection_->prepare(plan_->plan.select.sql)) {
    bind_parameters(statement_, parameters);
  }

  bool next(std::vector<Value>& row) override {
    if (is_done_) return false;
    context_.environment.set_connection(&*connection_);
    if (!statement_.step()) {
      is_done_ = true;
      statement_.reset();
      return false;
    }
    const std::size_t count = plan_->plan.columns.size();
    row.resize(count);
    for (std::size_t i = 0; i < count; ++i) row[i] = statement_.column(static_cast<int>(i));
    return true;
  }

 private:
  SessionContext& context_;
  CachedPlanPtr plan_;
  StatementConnection connection_;
  storage::Statement statement_;
  bool is_done_ = false;
};

}  // namespace

void bind_parameters(storage::Statement& statement, const std::vector<Value>& parameters) {
  // The store's statement may use fewer: an unused $n has no place in its SQL.
  const int wanted = statement.parameter_count();
  for (int i = 0; i < wanted && i < static_cast<int>(parameters.size()); ++i) {
    statement.bind(i + 1, parameters[static_cast<std::size_t>(i)]);
  }
}

std::unique_ptr<RowStream> open_select(SessionContext& context, CachedPlanPtr plan,
                                       const std::vector<Value>& parameters) {
  Transaction& transaction = context.transaction;
  context.is_search = !plan->plan.vector_scans.empty();
  const bool needs_writer = plan->plan.writes || plan->plan.for_update;
  StatementConnection connection =
      needs_writer ? StatementConnection(&transaction.writer(
                         plan->plan.for_update ? "SELECT FOR UPDATE" : "SELECT"))
                   : transaction.reader();
  return std::make_unique<SelectStream>(context, std::move(plan), std::move(connection),
                                        parameters);
}

}  // namespace dvecdb::server::exec
