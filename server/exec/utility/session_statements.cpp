// LISTEN, NOTIFY, UNLISTEN, DISCARD, LOCK TABLE, CHECKPOINT, LOAD.
#include <fmt/format.h>

#include "server/exec/ddl/ddl.h"
#include "server/exec/privileges.h"
#include "server/exec/utility/utility.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::size_t max_channel_bytes = 63;
constexpr std::size_t max_payload_bytes = 8000;

}  // namespace

void SessionContext::notify(std::string_view channel, std::string_view payload) {
  if (channel.empty()) {
    throw SqlError(sqlstate::invalid_parameter_value, "channel name cannot be empty");
  }
  if (channel.size() > max_channel_bytes) {
    throw SqlError(sqlstate::invalid_parameter_value, "channel name too long");
  }
  if (payload.size() >= max_payload_bytes) {
    throw SqlError(sqlstate::invalid_parameter_value, "payload string too long");
  }
  transaction.notify({options.pid, std::string(channel), std::string(payload)});
}

StatementResult run_listen(UtilityCall& call) {
  SessionContext& context = call.context;
  context.transaction.at_end(
      [&context, channel = std::string(call.node->listen_stmt->conditionname)](bool committed) {
        if (!committed) return;
        context.database->notifications().listen(context.options.pid, channel,
                                                 context.options.on_notification);
      });
  return tag_result("LISTEN");
}

StatementResult run_notify(UtilityCall& call) {
  call.context.notify(raw::view(call.node->notify_stmt->conditionname),
                      raw::view(call.node->notify_stmt->payload));
  return tag_result("NOTIFY");
}

StatementResult run_unlisten(UtilityCall& call) {
  SessionContext& context = call.context;
  context.transaction.at_end(
      [&context,
       channel = std::string(raw::view(call.node->unlisten_stmt->conditionname))](bool committed) {
        if (!committed) return;
        NotificationHub& hub = context.database->notifications();
        if (channel.empty()) {
          hub.unlisten_all(context.options.pid);
        } else {
          hub.unlisten(context.options.pid, channel);
        }
      });
  return tag_result("UNLISTEN");
}

StatementResult run_discard(UtilityCall& call) {
  SessionContext& context = call.context;
  switch (call.node->discard_stmt->target) {
    case PG_QUERY__DISCARD_MODE__DISCARD_ALL:
      refuse_in_block(context, "DISCARD ALL");
      context.cursors.clear();
      context.prepared.clear();
      context.settings.set("role", "none", false, true);
      context.settings.reset_all();
      context.database->notifications().unlisten_all(context.options.pid);
      context.environment.advisory_unlock_all();
      context.environment.forget_sequences();
      drop_temp_objects(context);
      return tag_result("DISCARD ALL");
    case PG_QUERY__DISCARD_MODE__DISCARD_PLANS:
      context.plans.clear();
      return tag_result("DISCARD PLANS");
    case PG_QUERY__DISCARD_MODE__DISCARD_SEQUENCES:
      context.environment.forget_sequences();
      return tag_result("DISCARD SEQUENCES");
    default:
      drop_temp_objects(context);
      return tag_result("DISCARD TEMP");
  }
}

// There is one writer: the strongest lock is the right to write, and readers never wait. Locks
// that only keep the table from being changed or dropped have nothing to do.
StatementResult run_lock(UtilityCall& call) {
  constexpr int row_exclusive_lock = 3;
  const PgQuery__LockStmt& statement = *call.node->lock_stmt;
  SessionContext& context = call.context;
  if (context.transaction.state() != TransactionState::block) {
    throw SqlError(sqlstate::no_active_sql_transaction,
                   "LOCK TABLE can only be used in transaction blocks");
  }
  for (const raw::Node* node : raw::list(statement.n_relations, statement.relations)) {
    const query::RelationDesc& relation = find_relation(call, *node->range_var);
    if (relation.kind != 'r' && relation.kind != 'v') {
      throw SqlError(sqlstate::wrong_object_type,
                     fmt::format("\"{}\" is not a table or view", relation.name));
    }
    require_table_privilege(context, relation, statement.mode >= row_exclusive_lock ? 'w' : 'r');
  }
  if (statement.mode >= row_exclusive_lock && !context.transaction.mode().is_read_only) {
    context.transaction.writer("LOCK TABLE");
  }
  return tag_result("LOCK TABLE");
}

StatementResult run_checkpoint(UtilityCall& call) {
  require_superuser(call.context,
                    "must be superuser or have privileges of pg_checkpoint to do CHECKPOINT");
  if (!call.context.transaction.is_writing()) {
    call.context.database->store().checkpoint();
    call.context.database->store().vector_indexes().checkpoint();
  }
  return tag_result("CHECKPOINT");
}

StatementResult run_load(UtilityCall&) {
  return tag_result("LOAD");  // what clients load is built in
}

}  // namespace dvecdb::server::exec
