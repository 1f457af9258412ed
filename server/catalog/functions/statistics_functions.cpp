// pg_stat_get_*: activity of sessions is real, counters that nobody keeps are zero.
#include "server/catalog/functions/families.h"
#include "server/catalog/table.h"

namespace dvecdb::server::catalog {

namespace {

Value zero(const FunctionContext&, Arguments) {
  return Value::integer(0);
}
Value zero_real(const FunctionContext&, Arguments) {
  return Value::real(0);
}
Value nothing(const FunctionContext&, Arguments) {
  return Value::null();
}

// As ANALYZE counted them.
Value live_tuples(const FunctionContext& context, Arguments arguments) {
  const RelationDesc* relation = session_of(context).catalog().find_relation(oid_of(arguments[0]));
  if (relation == nullptr || relation->estimated_rows < 0) return Value::integer(0);
  return Value::integer(static_cast<std::int64_t>(relation->estimated_rows));
}

Value database_backends(const FunctionContext& context, Arguments arguments) {
  std::int64_t count = 0;
  for (const SessionActivity& session : session_of(context).activity()) {
    if (session.database == oid_of(arguments[0])) ++count;
  }
  return Value::integer(count);
}

// Backends are numbered by their pid.
std::optional<SessionActivity> backend(const FunctionContext& context, Arguments arguments) {
  for (SessionActivity& session : session_of(context).activity()) {
    if (session.pid == arguments[0].as_integer()) return std::move(session);
  }
  return std::nullopt;
}

Value time_or_null(std::int64_t time) {
  return time == 0 ? Value::null() : Value::integer(time);
}

template <typename Field>
Value backend_field(const FunctionContext& context, Arguments arguments, Field&& field) {
  const auto found = backend(context, arguments);
  return found ? field(*found) : Value::null();
}

Value backend_pid(const FunctionContext& context, Arguments arguments) {
  return backend_field(context, arguments, [](const auto& s) { return Value::integer(s.pid); });
}
Value backend_database(const FunctionContext& context, Arguments arguments) {
  return backend_field(context, arguments, [](const auto& s) { return oid_value(s.database); });
}
Value backend_user(const FunctionContext& context, Arguments arguments) {
  return backend_field(context, arguments, [](const auto& s) { return oid_value(s.role); });
}
Value backend_statement(const FunctionContext& context, Arguments arguments) {
  return backend_field(context, arguments, [](const auto& s) { return text_value(s.statement); });
}
Value backend_start(const FunctionContext& context, Arguments arguments) {
  return backend_field(context, arguments, [](const auto& s) { return time_or_null(s.started); });
}
Value backend_transaction_start(const FunctionContext& context, Arguments arguments) {
  return backend_field(context, arguments,
                       [](const auto& s) { return time_or_null(s.transaction_started); });
}
Value backend_statement_start(const FunctionContext& context, Arguments arguments) {
  return backend_field(context, arguments,
                       [](const auto& s) { return time_or_null(s.statement_started); });
}
Value backend_port(const FunctionContext& context, Arguments arguments) {
  return backend_field(context, arguments,
                       [](const auto& s) { return Value::integer(s.client_port); });
}
Value backend_wait_event(const FunctionContext& context, Arguments arguments) {
  return backend_field(context, arguments,
                       [](const auto& s) { return text_or_null(s.wait_event); });
}
Value backend_wait_event_type(const FunctionContext& context, Arguments arguments) {
  return backend_field(context, arguments,
                       [](const auto& s) { return text_or_null(s.wait_event_type); });
}

constexpr ScalarEntry entries[] = {
    {"pg_stat_clear_snapshot", nothing},
    {"pg_stat_force_next_flush", nothing},
    {"pg_stat_get_backend_activity", backend_statement},
    {"pg_stat_get_backend_activity_start", backend_statement_start},
    {"pg_stat_get_backend_client_addr", nothing},
    {"pg_stat_get_backend_client_port", backend_port},
    {"pg_stat_get_backend_dbid", backend_database},
    {"pg_stat_get_backend_pid", backend_pid},
    {"pg_stat_get_backend_start", backend_start},
    {"pg_stat_get_backend_userid", backend_user},
    {"pg_stat_get_backend_wait_event", backend_wait_event},
    {"pg_stat_get_backend_wait_event_type", backend_wait_event_type},
    {"pg_stat_get_backend_xact_start", backend_transaction_start},
    {"pg_stat_get_db_numbackends", database_backends},
    {"pg_stat_get_live_tuples", live_tuples},
    {"pg_stat_get_analyze_count", zero},
    {"pg_stat_get_autoanalyze_count", zero},
    {"pg_stat_get_autovacuum_count", zero},
    {"pg_stat_get_bgwriter_buf_written_checkpoints", zero},
    {"pg_stat_get_bgwriter_buf_written_clean", zero},
    {"pg_stat_get_bgwriter_maxwritten_clean", zero},
    {"pg_stat_get_bgwriter_requested_checkpoints", zero},
    {"pg_stat_get_bgwriter_stat_reset_time", nothing},
    {"pg_stat_get_bgwriter_timed_checkpoints", zero},
    {"pg_stat_get_blocks_fetched", zero},
    {"pg_stat_get_blocks_hit", zero},
    {"pg_stat_get_buf_alloc", zero},
    {"pg_stat_get_checkpoint_sync_time", zero_real},
    {"pg_stat_get_checkpoint_write_time", zero_real},
    {"pg_stat_get_db_active_time", zero_real},
    {"pg_stat_get_db_blk_read_time", zero_real},
    {"pg_stat_get_db_blk_write_time", zero_real},
    {"pg_stat_get_db_blocks_fetched", zero},
    {"pg_stat_get_db_blocks_hit", zero},
    {"pg_stat_get_db_checksum_failures", zero},
    {"pg_stat_get_db_checksum_last_failure", nothing},
    {"pg_stat_get_db_conflict_all", zero},
    {"pg_stat_get_db_conflict_bufferpin", zero},
    {"pg_stat_get_db_conflict_lock", zero},
    {"pg_stat_get_db_conflict_snapshot", zero},
    {"pg_stat_get_db_conflict_startup_deadlock", zero},
    {"pg_stat_get_db_conflict_tablespace", zero},
    {"pg_stat_get_db_deadlocks", zero},
    {"pg_stat_get_db_idle_in_transaction_time", zero_real},
    {"pg_stat_get_db_session_time", zero_real},
    {"pg_stat_get_db_sessions", zero},
    {"pg_stat_get_db_sessions_abandoned", zero},
    {"pg_stat_get_db_sessions_fatal", zero},
    {"pg_stat_get_db_sessions_killed", zero},
    {"pg_stat_get_db_stat_reset_time", nothing},
    {"pg_stat_get_db_temp_bytes", zero},
    {"pg_stat_get_db_temp_files", zero},
    {"pg_stat_get_db_tuples_deleted", zero},
    {"pg_stat_get_db_tuples_fetched", zero},
    {"pg_stat_get_db_tuples_inserted", zero},
    {"pg_stat_get_db_tuples_returned", zero},
    {"pg_stat_get_db_tuples_updated", zero},
    {"pg_stat_get_db_xact_commit", zero},
    {"pg_stat_get_db_xact_rollback", zero},
    {"pg_stat_get_dead_tuples", zero},
    {"pg_stat_get_function_calls", zero},
    {"pg_stat_get_function_self_time", zero_real},
    {"pg_stat_get_function_total_time", zero_real},
    {"pg_stat_get_ins_since_vacuum", zero},
    {"pg_stat_get_last_analyze_time", nothing},
    {"pg_stat_get_last_autoanalyze_time", nothing},
    {"pg_stat_get_last_autovacuum_time", nothing},
    {"pg_stat_get_last_vacuum_time", nothing},
    {"pg_stat_get_mod_since_analyze", zero},
    {"pg_stat_get_numscans", zero},
    {"pg_stat_get_tuples_deleted", zero},
    {"pg_stat_get_tuples_fetched", zero},
    {"pg_stat_get_tuples_hot_updated", zero},
    {"pg_stat_get_tuples_inserted", zero},
    {"pg_stat_get_tuples_returned", zero},
    {"pg_stat_get_tuples_updated", zero},
    {"pg_stat_get_vacuum_count", zero},
    {"pg_stat_get_xact_blocks_fetched", zero},
    {"pg_stat_get_xact_blocks_hit", zero},
    {"pg_stat_get_xact_function_calls", zero},
    {"pg_stat_get_xact_function_self_time", zero_real},
    {"pg_stat_get_xact_function_total_time", zero_real},
    {"pg_stat_get_xact_numscans", zero},
    {"pg_stat_get_xact_tuples_deleted", zero},
    {"pg_stat_get_xact_tuples_fetched", zero},
    {"pg_stat_get_xact_tuples_hot_updated", zero},
    {"pg_stat_get_xact_tuples_inserted", zero},
    {"pg_stat_get_xact_tuples_returned", zero},
    {"pg_stat_get_xact_tuples_updated", zero},
    {"pg_stat_reset", nothing},
    {"pg_stat_reset_shared", nothing},
    {"pg_stat_reset_single_table_counters", nothing},
};

}  // namespace

ScalarTable statistics_functions() {
  return entries;
}

}  // namespace dvecdb::server::catalog
