#include "server/exec/utility/utility.h"

#include <fmt/format.h>

#include <array>

#include "server/exec/ddl/ddl.h"
#include "server/exec/statement_runner.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::exec {

using query::raw::Node;
using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

struct UtilityEntry {
  PgQuery__Node__NodeCase node;
  UtilityFunction function;
};

#define DVECDB_NODE(name) PG_QUERY__NODE__NODE_##name##_STMT
constexpr std::array entries = {
    UtilityEntry{DVECDB_NODE(TRANSACTION), run_transaction_statement},
    UtilityEntry{DVECDB_NODE(CONSTRAINTS_SET), run_set_constraints},
    UtilityEntry{DVECDB_NODE(VARIABLE_SET), run_set},
    UtilityEntry{DVECDB_NODE(VARIABLE_SHOW), run_show},
    UtilityEntry{DVECDB_NODE(DECLARE_CURSOR), run_declare_cursor},
    UtilityEntry{DVECDB_NODE(FETCH), run_fetch},
    UtilityEntry{DVECDB_NODE(CLOSE_PORTAL), run_close_cursor},
    UtilityEntry{DVECDB_NODE(PREPARE), run_prepare},
    UtilityEntry{DVECDB_NODE(EXECUTE), run_execute},
    UtilityEntry{DVECDB_NODE(DEALLOCATE), run_deallocate},
    UtilityEntry{DVECDB_NODE(EXPLAIN), run_explain},
    UtilityEntry{DVECDB_NODE(COPY), run_copy},
    UtilityEntry{DVECDB_NODE(CALL), run_call},
    UtilityEntry{DVECDB_NODE(LISTEN), run_listen},
    UtilityEntry{DVECDB_NODE(NOTIFY), run_notify},
    UtilityEntry{DVECDB_NODE(UNLISTEN), run_unlisten},
    UtilityEntry{DVECDB_NODE(DISCARD), run_discard},
    UtilityEntry{DVECDB_NODE(LOCK), run_lock},
    UtilityEntry{DVECDB_NODE(CHECK_POINT), run_checkpoint},
    UtilityEntry{DVECDB_NODE(LOAD), run_load},
};
#undef DVECDB_NODE

UtilityFunction find_utility(PgQuery__Node__NodeCase node) {
  for (const UtilityEntry& entry : entries) {
    if (entry.node == node) return entry.function;
  }
  return find_ddl(node);
}

// The node of the query inside, whose parameters are the statement's.
const Node* explained_query(const Node* node) {
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_EXPLAIN_STMT:
      return node->explain_stmt->query;
    case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT:
      return node->declare_cursor_stmt->query;
    case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
      return node->create_table_as_stmt->query;
    default:
      return nullptr;
  }
}

}  // namespace

StatementResult run_utility(SessionContext& context, Statement& statement,
                            const std::vector<Value>& parameters) {
  const auto* node = static_cast<const Node*>(statement.raw.node);
  UtilityCall call{context, statement, parameters, node};
  if (node->node_case == PG_QUERY__NODE__NODE_SELECT_STMT) return run_select_into(call);
  const UtilityFunction function = find_utility(node->node_case);
  if (function == nullptr) {
    throw SqlError(sqlstate::feature_not_supported,
                   fmt::format("{} is not supported", query::command_tag(statement.raw)));
  }
  return function(call);
}

void describe_utility(SessionContext& context, Statement& statement) {
  const auto* node = static_cast<const Node*>(statement.raw.node);
  statement.columns.clear();
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT:
      statement.columns = describe_show(*node->variable_show_stmt, context);
      break;
    case PG_QUERY__NODE__NODE_CALL_STMT:
      statement.columns = describe_call(*node->call_stmt);
      break;
    case PG_QUERY__NODE__NODE_EXPLAIN_STMT:
      statement.columns = describe_explain(*node->explain_stmt);
      break;
    case PG_QUERY__NODE__NODE_FETCH_STMT:
      if (!node->fetch_stmt->ismove) {
        if (PortalPtr cursor = context.cursors.find(node->fetch_stmt->portalname)) {
          statement.columns = cursor->statement->columns;
        }
      }
      break;
    case PG_QUERY__NODE__NODE_EXECUTE_STMT:
      statement.columns = context.prepared.get(node->execute_stmt->name).statement->columns;
      break;
    default:
      break;
  }
  statement.has_rows = !statement.columns.empty();
  if (const Node* inner = explained_query(node); inner != nullptr && !statement.is_analyzed) {
    const StatementPtr query = inner_statement(statement, inner);
    if (query->raw.is_query) analyze_statement(context, *query, false);
    statement.parameters = query->parameters;
  }
}

void refuse_in_block(SessionContext& context, std::string_view command) {
  if (context.transaction.state() == TransactionState::block) {
    throw SqlError(sqlstate::active_sql_transaction,
                   fmt::format("{} cannot run inside a transaction block", command));
  }
}

}  // namespace dvecdb::server::exec
