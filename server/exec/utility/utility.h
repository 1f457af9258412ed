// Statements that are no queries: one function each, found by the kind of their parse node.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/exec/session_context.h"
#include "server/query/raw_tree.h"

namespace dvecdb::server::exec {

struct UtilityCall {
  SessionContext& context;
  Statement& statement;
  const std::vector<Value>& parameters;
  const query::raw::Node* node;

  std::string_view text() const { return *statement.text; }
};

using UtilityFunction = StatementResult (*)(UtilityCall& call);

StatementResult run_utility(SessionContext& context, Statement& statement,
                            const std::vector<Value>& parameters);
// Fills the statement's columns and parameters.
void describe_utility(SessionContext& context, Statement& statement);

// Throws 25001 inside a transaction block ("VACUUM cannot run inside a transaction block").
void refuse_in_block(SessionContext& context, std::string_view command);

// transaction_statements.cpp
StatementResult run_transaction_statement(UtilityCall& call);
StatementResult run_set_constraints(UtilityCall& call);
// setting_statements.cpp
StatementResult run_set(UtilityCall& call);
StatementResult run_show(UtilityCall& call);
std::vector<ResultColumn> describe_show(const PgQuery__VariableShowStmt& statement,
                                        SessionContext& context);
// The text of SET's arguments; also for ALTER ROLE ... SET.
std::string flatten_set_arguments(const PgQuery__VariableSetStmt& statement);
// cursor_statements.cpp
StatementResult run_declare_cursor(UtilityCall& call);
StatementResult run_fetch(UtilityCall& call);
StatementResult run_close_cursor(UtilityCall& call);
// prepared_statements.cpp
StatementResult run_prepare(UtilityCall& call);
StatementResult run_execute(UtilityCall& call);
StatementResult run_deallocate(UtilityCall& call);
// explain_statement.cpp
StatementResult run_explain(UtilityCall& call);
std::vector<ResultColumn> describe_explain(const PgQuery__ExplainStmt& statement);
// call_statement.cpp
StatementResult run_call(UtilityCall& call);
std::vector<ResultColumn> describe_call(const PgQuery__CallStmt& statement);
// copy_statement.cpp
StatementResult run_copy(UtilityCall& call);
// session_statements.cpp
StatementResult run_listen(UtilityCall& call);
StatementResult run_notify(UtilityCall& call);
StatementResult run_unlisten(UtilityCall& call);
StatementResult run_discard(UtilityCall& call);
StatementResult run_lock(UtilityCall& call);
StatementResult run_checkpoint(UtilityCall& call);
StatementResult run_load(UtilityCall& call);

}  // namespace dvecdb::server::exec
