// Set-returning functions over the running server: sessions, settings, locks.
#include "server/catalog/functions/families.h"
#include "server/catalog/table.h"
#include "server/types/array.h"
#include "server/types/interval.h"
#include "server/types/oids.h"
#include "server/types/time_zone_file.h"

namespace dvecdb::server::catalog {

namespace {

using RowList = std::vector<std::vector<Value>>;

Value time_or_null(std::int64_t time) {
  return time == 0 ? Value::null() : Value::integer(time);
}

std::unique_ptr<RowSource> setting_rows(const FunctionContext& context, Arguments) {
  RowList out;
  for (const SettingDesc& setting : session_of(context).all_settings()) {
    out.push_back(
        {text_value(setting.name), text_value(setting.value), text_or_null(setting.unit),
         text_or_null(setting.category), text_or_null(setting.short_description), Value::null(),
         text_value(setting.context), text_value(setting.type), text_value(setting.source),
         text_or_null(setting.minimum), text_or_null(setting.maximum),
         setting.allowed_values.empty() ? Value::null() : text_array(setting.allowed_values),
         text_value(setting.boot_value), text_value(setting.reset_value), Value::null(),
         Value::null(), Value::boolean(false)});
  }
  return rows(std::move(out));
}

Value address(const FunctionContext& context, const std::string& text) {
  return text.empty() ? Value::null()
                      : types::input_text(context.io, {types::oids::inet, -1}, text);
}

// The argument NULL asks for all sessions, a pid for one.
std::unique_ptr<RowSource> activity_rows(const FunctionContext& context, Arguments arguments) {
  RowList out;
  const bool all = arguments.empty() || arguments[0].is_null();
  for (const SessionActivity& one : session_of(context).activity()) {
    if (!all && one.pid != arguments[0].as_integer()) continue;
    const bool is_encrypted = !one.tls_version.empty();
    out.push_back({oid_value(one.database),
                   Value::integer(one.pid),
                   oid_value(one.role),
                   text_value(one.application_name),
                   text_value(one.state),
                   text_value(one.statement),
                   text_or_null(one.wait_event_type),
                   text_or_null(one.wait_event),
                   time_or_null(one.transaction_started),
                   time_or_null(one.statement_started),
                   time_or_null(one.started),
                   time_or_null(one.state_changed),
                   address(context, one.client_address),
                   Value::null(),
                   Value::integer(one.client_port),
                   Value::null(),
                   Value::null(),
                   Value::text("client backend"),
                   Value::boolean(is_encrypted),
                   text_or_null(one.tls_version),
                   text_or_null(one.tls_cipher),
                   is_encrypted ? Value::integer(one.tls_bits) : Value::null(),
                   Value::null(),
                   Value::null(),
                   Value::null(),
                   Value::boolean(false),
                   Value::null(),
                   Value::boolean(false),
                   Value::null(),
                   Value::null()});
  }
  return rows(std::move(out));
}

std::unique_ptr<RowSource> backend_ids(const FunctionContext& context, Arguments) {
  RowList out;
  for (const SessionActivity& one : session_of(context).activity()) {
    out.push_back({Value::integer(one.pid)});
  }
  return rows(std::move(out));
}

std::unique_ptr<RowSource> listening_channels(const FunctionContext& context, Arguments) {
  RowList out;
  for (const std::string& channel : session_of(context).listening_channels()) {
    out.push_back({text_value(channel)});
  }
  return rows(std::move(out));
}

std::unique_ptr<RowSource> prepared_rows(const FunctionContext& context, Arguments) {
  RowList out;
  for (const PreparedStatementDesc& one : session_of(context).prepared_statements()) {
    std::vector<Value> parameter_types;
    for (const Oid type : one.parameter_types) parameter_types.push_back(oid_value(type));
    out.push_back(
        {text_value(one.name), text_value(one.text), Value::integer(one.prepared_at),
         types::encode_array(types::make_array(types::oids::regtype, std::move(parameter_types))),
         Value::boolean(one.is_from_sql), Value::integer(one.generic_plans),
         Value::integer(one.custom_plans)});
  }
  return rows(std::move(out));
}

std::unique_ptr<RowSource> cursor_rows(const FunctionContext& context, Arguments) {
  RowList out;
  for (const CursorDesc& one : session_of(context).cursors()) {
    out.push_back({text_value(one.name), text_value(one.text), Value::boolean(one.is_holdable),
                   Value::boolean(one.is_binary), Value::boolean(one.is_scrollable),
                   Value::integer(one.created_at)});
  }
  return rows(std::move(out));
}

// name, abbrev, utc_offset, is_dst, as of now
std::unique_ptr<RowSource> time_zone_rows(const FunctionContext& context, Arguments) {
  constexpr std::int64_t microseconds = 1000000;
  constexpr std::int64_t epoch_2000 = 946684800;
  const std::int64_t now = context.environment.transaction_time() / microseconds + epoch_2000;
  RowList out;
  for (const std::string& name : types::zone_file_names()) {
    const types::TimeZone* zone = types::find_time_zone(name);
    if (zone == nullptr) continue;
    const types::ZonePeriod& period = zone->period_at(now);
    out.push_back({text_value(name), text_value(period.abbreviation),
                   types::Interval{period.offset * microseconds, 0, 0}.to_value(),
                   Value::boolean(period.is_dst)});
  }
  return rows(std::move(out));
}

// What this server does not have: replication, prepared transactions, configuration files,
// progress reports.
std::unique_ptr<RowSource> no_rows(const FunctionContext&, Arguments) {
  return rows({});
}

constexpr SetEntry entries[] = {
    {"pg_config", no_rows},
    {"pg_cursor", cursor_rows},
    {"pg_get_backend_memory_contexts", no_rows},
    {"pg_get_publication_tables", no_rows},
    {"pg_get_replication_slots", no_rows},
    {"pg_get_shmem_allocations", no_rows},
    {"pg_hba_file_rules", no_rows},
    {"pg_ident_file_mappings", no_rows},
    {"pg_listening_channels", listening_channels},
    {"pg_lock_status", no_rows},
    {"pg_mcv_list_items", no_rows},
    {"pg_partition_ancestors", no_rows},
    {"pg_prepared_statement", prepared_rows},
    {"pg_prepared_xact", no_rows},
    {"pg_show_replication_origin_status", no_rows},
    {"pg_stat_get_activity", activity_rows},
    {"pg_stat_get_backend_idset", backend_ids},
    {"pg_stat_get_progress_info", no_rows},
    {"pg_stat_get_recovery_prefetch", no_rows},
    {"pg_stat_get_slru", no_rows},
    {"pg_stat_get_subscription", no_rows},
    {"pg_stat_get_wal_senders", no_rows},
    {"pg_timezone_names", time_zone_rows},
    {"show_all_file_settings", no_rows},
    {"show_all_settings", setting_rows},
};

}  // namespace

SetTable server_sets() {
  return entries;
}

}  // namespace dvecdb::server::catalog
