// Runs one statement of any kind.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/exec/session_context.h"

namespace dvecdb::server::exec {

// Finds parameter types, plan and result columns, or checks that they still hold and renews them.
// Throws 0A000 when `keep_columns` and the result's shape changed.
void analyze_statement(SessionContext& context, Statement& statement, bool keep_columns);

// Runs the statement inside the context's open transaction; for autocommit statements use
// run_statement_alone. COPY talks to context.sink directly.
StatementResult run_statement(SessionContext& context, Statement& statement,
                              const std::vector<Value>& parameters);

// Runs a statement as a transaction of its own. Its rows may be read after the commit.
StatementResult run_statement_alone(SessionContext& context, Statement& statement,
                                    const std::vector<Value>& parameters);

// BEGIN, COMMIT and the like: they manage the transaction themselves.
bool is_transaction_control(const Statement& statement);
// What a failed transaction still accepts.
bool is_transaction_exit(const Statement& statement);
// A query that writes: worth sharing its commit with others.
bool is_plain_write(const Statement& statement);

// The plan of a query with the texts that EXPLAIN prints; not kept.
CachedPlanPtr plan_for_explain(SessionContext& context, Statement& statement);

// The text, cut into statements. From the session's cache when it is there.
PlanCache::Entry parse_text(SessionContext& context, std::string_view text);
// A statement inside another (EXPLAIN, DECLARE, PREPARE): `node` is its PgQuery__Node*.
StatementPtr inner_statement(const Statement& outer, const void* node);

}  // namespace dvecdb::server::exec
