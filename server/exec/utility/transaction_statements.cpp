// BEGIN, COMMIT, ROLLBACK, savepoints, SET CONSTRAINTS.
#include <fmt/format.h>

#include "server/exec/dml/foreign_keys.h"
#include "server/exec/utility/transaction_modes.h"
#include "server/exec/utility/utility.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

void require_block(SessionContext& context, std::string_view command) {
  const TransactionState state = context.transaction.state();
  if (state == TransactionState::block || state == TransactionState::failed) return;
  throw SqlError(sqlstate::no_active_sql_transaction,
                 fmt::format("{} can only be used in transaction blocks", command));
}

StatementResult begin(UtilityCall& call, std::string tag) {
  const PgQuery__TransactionStmt& statement = *call.node->transaction_stmt;
  SessionContext& context = call.context;
  if (context.transaction.state() == TransactionState::block) {
    context.notice("WARNING", sqlstate::active_sql_transaction,
                   "there is already a transaction in progress");
  } else {
    context.transaction.begin_block();
  }
  apply_transaction_modes(context, raw::list(statement.n_options, statement.options));
  return tag_result(std::move(tag));
}

// Ends the transaction; AND CHAIN begins another like it.
StatementResult end(UtilityCall& call, bool commits) {
  const PgQuery__TransactionStmt& statement = *call.node->transaction_stmt;
  SessionContext& context = call.context;
  Transaction& transaction = context.transaction;
  const TransactionState state = transaction.state();
  const bool is_block = state == TransactionState::block || state == TransactionState::failed;
  if (!is_block && statement.chain != 0) {
    throw SqlError(sqlstate::no_active_sql_transaction,
                   fmt::format("{} AND CHAIN can only be used in transaction blocks",
                               commits ? "COMMIT" : "ROLLBACK"));
  }
  if (!is_block) {
    context.notice("WARNING", sqlstate::no_active_sql_transaction,
                   "there is no transaction in progress");
  }
  const TransactionMode mode = transaction.mode();
  if (state == TransactionState::failed) commits = false;
  if (transaction.is_open()) {
    if (commits) {
      context.hold_cursors();
      transaction.commit();
    } else {
      transaction.rollback();
    }
  }
  context.cursors.end_transaction();
  if (statement.chain != 0) {
    transaction.begin_block();
    transaction.mode() = mode;
  }
  return tag_result(commits ? "COMMIT" : "ROLLBACK");
}

}  // namespace

StatementResult run_transaction_statement(UtilityCall& call) {
  const PgQuery__TransactionStmt& statement = *call.node->transaction_stmt;
  Transaction& transaction = call.context.transaction;
  const std::string name(raw::view(statement.savepoint_name));
  switch (statement.kind) {
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN:
      return begin(call, "BEGIN");
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START:
      return begin(call, "START TRANSACTION");
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT:
      return end(call, true);
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK:
      return end(call, false);
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT:
      require_block(call.context, "SAVEPOINT");
      transaction.savepoint(name);
      return tag_result("SAVEPOINT");
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE:
      require_block(call.context, "RELEASE SAVEPOINT");
      transaction.release(name);
      return tag_result("RELEASE");
    case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
      require_block(call.context, "ROLLBACK TO SAVEPOINT");
      transaction.rollback_to(name);
      return tag_result("ROLLBACK");
    default:
      throw SqlError(sqlstate::feature_not_supported, "prepared transactions are not supported");
  }
}

StatementResult run_set_constraints(UtilityCall& call) {
  const PgQuery__ConstraintsSetStmt& statement = *call.node->constraints_set_stmt;
  SessionContext& context = call.context;
  if (context.transaction.state() != TransactionState::block) {
    context.notice("WARNING", sqlstate::no_active_sql_transaction,
                   "SET CONSTRAINTS can only be used in transaction blocks");
  }
  std::vector<std::string> names;
  for (const raw::Node* node : raw::list(statement.n_constraints, statement.constraints)) {
    names.emplace_back(raw::view(node->range_var->relname));
  }
  set_constraints(context, names, statement.deferred != 0);
  return tag_result("SET CONSTRAINTS");
}

}  // namespace dvecdb::server::exec
