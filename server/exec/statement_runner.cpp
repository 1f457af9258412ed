#include "server/exec/statement_runner.h"

#include <fmt/format.h>

#include "server/exec/dml/dml.h"
#include "server/exec/privileges.h"
#include "server/exec/select_stream.h"
#include "server/exec/utility/utility.h"
#include "server/query/raw_tree.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using query::CommandKind;
using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

bool is_select_into(const Statement& statement) {
  const auto* node = static_cast<const raw::Node*>(statement.raw.node);
  if (!raw::is(node, PG_QUERY__NODE__NODE_SELECT_STMT)) return false;
  const PgQuery__SelectStmt* leftmost = node->select_stmt;
  while (leftmost->larg != nullptr) leftmost = leftmost->larg;
  return leftmost->into_clause != nullptr;
}

bool is_query(const Statement& statement) {
  return statement.raw.is_query && !is_select_into(statement);
}

bool same_shape(const std::vector<ResultColumn>& a, const std::vector<ResultColumn>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!(a[i].type == b[i].type) || a[i].name != b[i].name) return false;
  }
  return true;
}

// Tells whether literals of a statement read the clock.
class ClockWatch {
 public:
  ClockWatch(SessionContext& context, bool* reads_clock) : context_(context) {
    context_.watch_clock(reads_clock);
  }
  ~ClockWatch() { context_.watch_clock(nullptr); }
  ClockWatch(const ClockWatch&) = delete;
  ClockWatch& operator=(const ClockWatch&) = delete;

 private:
  SessionContext& context_;
};

CachedPlanPtr plan_query(SessionContext& context, Statement& statement, bool for_explain = false) {
  query::ParamTypes params;
  params.types = statement.is_analyzed ? statement.parameters : statement.given_types;
  params.allow_inference = statement.takes_parameters;
  query::PlanSettings settings;
  settings.enable_indexscan = context.settings.flag("enable_indexscan");
  settings.for_explain = for_explain;
  auto cached = std::make_shared<CachedPlan>();
  const ClockWatch watch(context, &cached->reads_clock);
  const query::AnalyzeContext analysis = context.analyze_context(*statement.text);
  query::QueryPtr tree = query::analyze(analysis, statement.raw, params);
  cached->catalog = context.transaction.catalog();
  cached->key = context.plan_key();
  cached->plan = query::make_plan(analysis, std::move(tree), params, settings);
  statement.parameters = params.types;
  return cached;
}

bool is_current(SessionContext& context, const Statement& statement) {
  return statement.plan && statement.plan->catalog == context.transaction.catalog() &&
         statement.plan->key == context.plan_key();
}

// What a read-only transaction says that it cannot execute.
std::string_view writing_command(const query::Plan& plan) {
  if (plan.command != CommandKind::select || plan.has_parts()) return command_name(plan.command);
  return plan.for_update ? "SELECT FOR UPDATE" : "nextval()";
}

// Takes the right to write or the transaction's snapshot, if the plan needs it. The catalog may be
// another one then, and the plan with it.
void hold_what_it_needs(SessionContext& context, Statement& statement) {
  const query::Plan& plan = statement.plan->plan;
  Transaction& transaction = context.transaction;
  if (plan.writes || plan.for_update) {
    transaction.writer(writing_command(plan));
  } else if (transaction.keeps_snapshot()) {
    transaction.reader();
  }
  analyze_statement(context, statement, true);
}

StatementResult run_query(SessionContext& context, Statement& statement,
                          const std::vector<Value>& parameters) {
  hold_what_it_needs(context, statement);
  const query::Plan& plan = statement.plan->plan;
  check_plan_privileges(context, plan);
  if (plan.command != CommandKind::select || plan.has_parts()) {
    return run_dml(context, statement.plan, parameters);
  }
  StatementResult result;
  result.has_rows = true;
  result.columns = plan.columns;
  result.tag = "SELECT";
  result.tag_counts_rows = true;
  result.rows = open_select(context, statement.plan, parameters);
  return result;
}

}  // namespace

PlanCache::Entry parse_text(SessionContext& context, std::string_view text) {
  PlanCache::Entry kept = context.plans.find(text);
  context.engine.plan_cache_counter().add(kept != nullptr);
  if (kept) return kept;
  auto shared = std::make_shared<const std::string>(text);
  auto entry = std::make_shared<std::vector<StatementPtr>>();
  for (query::RawStatement& raw_statement : query::parse(*shared)) {
    auto statement = std::make_shared<Statement>();
    statement->text = shared;
    statement->raw = std::move(raw_statement);
    entry->push_back(std::move(statement));
  }
  context.plans.add(text, entry);
  return entry;
}

CachedPlanPtr plan_for_explain(SessionContext& context, Statement& statement) {
  return plan_query(context, statement, true);
}

StatementPtr inner_statement(const Statement& outer, const void* node) {
  auto inner = std::make_shared<Statement>();
  inner->text = outer.text;
  inner->raw = outer.raw;
  inner->raw.node = node;
  switch (static_cast<const raw::Node*>(node)->node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
    case PG_QUERY__NODE__NODE_INSERT_STMT:
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
    case PG_QUERY__NODE__NODE_DELETE_STMT:
    case PG_QUERY__NODE__NODE_MERGE_STMT:
      inner->raw.is_query = true;
      break;
    default:
      inner->raw.is_query = false;
  }
  inner->given_types = outer.is_analyzed ? outer.parameters : outer.given_types;
  inner->takes_parameters = outer.takes_parameters;
  return inner;
}

void analyze_statement(SessionContext& context, Statement& statement, bool keep_columns) {
  if (!is_query(statement)) {
    describe_utility(context, statement);
    statement.is_analyzed = true;
    return;
  }
  // A text that comes again asks for the time anew; a prepared statement keeps it.
  const bool is_stale = !keep_columns && statement.plan && statement.plan->reads_clock;
  if (!is_stale && is_current(context, statement)) return;
  CachedPlanPtr plan = plan_query(context, statement);
  if (keep_columns && statement.is_analyzed && !same_shape(statement.columns, plan->plan.columns)) {
    throw SqlError(sqlstate::feature_not_supported, "cached plan must not change result type");
  }
  statement.columns = plan->plan.columns;
  statement.has_rows = plan->plan.command == CommandKind::select || !plan->plan.columns.empty();
  statement.plan = std::move(plan);
  statement.is_analyzed = true;
}

bool is_transaction_control(const Statement& statement) {
  return raw::is(static_cast<const raw::Node*>(statement.raw.node),
                 PG_QUERY__NODE__NODE_TRANSACTION_STMT);
}

bool is_transaction_exit(const Statement& statement) {
  if (!is_transaction_control(statement)) return false;
  switch (static_cast<const raw::Node*>(statement.raw.node)->transaction_stmt->kind) {
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_PREPARE:
      return true;
    default:
      return false;
  }
}

bool is_plain_write(const Statement& statement) {
  return statement.plan && statement.plan->plan.writes;
}

StatementResult run_statement(SessionContext& context, Statement& statement,
                              const std::vector<Value>& parameters) {
  if (is_query(statement)) return run_query(context, statement, parameters);
  return run_utility(context, statement, parameters);
}

StatementResult run_statement_alone(SessionContext& context, Statement& statement,
                                    const std::vector<Value>& parameters) {
  Transaction& transaction = context.transaction;
  StatementResult result;
  if (is_plain_write(statement)) {
    transaction.run_grouped(writing_command(statement.plan->plan), [&] {
      analyze_statement(context, statement, true);
      result = run_statement(context, statement, parameters);
      if (result.rows) result.rows = buffer_rows(*result.rows);
    });
    return result;
  }
  transaction.begin_implicit(true);
  result = run_statement(context, statement, parameters);
  if (transaction.state() != TransactionState::implicit) return result;
  // What reads on the transaction's own connection must end with it; a reader of its own goes on.
  if (result.rows && transaction.is_writing()) result.rows = buffer_rows(*result.rows);
  transaction.commit();
  return result;
}

}  // namespace dvecdb::server::exec
