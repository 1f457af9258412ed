// PREPARE, EXECUTE, DEALLOCATE.
#include <fmt/format.h>

#include "server/exec/statement_runner.h"
#include "server/exec/utility/utility.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

StatementResult run_prepare(UtilityCall& call) {
  SessionContext& context = call.context;
  const PgQuery__PrepareStmt& statement = *call.node->prepare_stmt;
  const std::string name(raw::view(statement.name));
  const StatementPtr inner = inner_statement(call.statement, statement.query);
  inner->given_types.clear();
  inner->takes_parameters = true;
  const query::AnalyzeContext analysis = context.analyze_context(call.text());
  for (const raw::Node* type : raw::list(statement.n_argtypes, statement.argtypes)) {
    inner->given_types.push_back(query::resolve_type_name(analysis, type->type_name).oid);
  }
  analyze_statement(context, *inner, false);
  context.prepared.add(name, {inner, clock_now(), true});
  return tag_result("PREPARE");
}

StatementResult run_execute(UtilityCall& call) {
  SessionContext& context = call.context;
  const PgQuery__ExecuteStmt& statement = *call.node->execute_stmt;
  const StatementPtr target = context.prepared.get(raw::view(statement.name)).statement;
  analyze_statement(context, *target, true);
  if (statement.n_params != target->parameters.size()) {
    throw SqlError(
        sqlstate::syntax_error,
        fmt::format("wrong number of parameters for prepared statement \"{}\"", statement.name))
        .detail(fmt::format("Expected {} parameters but got {}.", target->parameters.size(),
                            statement.n_params));
  }
  std::vector<Value> parameters;
  for (std::size_t i = 0; i < statement.n_params; ++i) {
    parameters.push_back(
        evaluate_constant(context, call.text(), statement.params[i], target->parameters[i]));
  }
  return run_statement(context, *target, parameters);
}

StatementResult run_deallocate(UtilityCall& call) {
  const std::string name(raw::view(call.node->deallocate_stmt->name));
  if (name.empty()) {
    call.context.prepared.clear();
    return tag_result("DEALLOCATE ALL");
  }
  call.context.prepared.get(name);
  call.context.prepared.remove(name);
  return tag_result("DEALLOCATE");
}

}  // namespace dvecdb::server::exec
