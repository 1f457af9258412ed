// The session, the server and what it is not (a standby, a WAL writer).
#include <algorithm>
#include <array>
#include <cctype>

#include "server/catalog/functions/families.h"
#include "server/catalog/table.h"
#include "server/catalog/version.h"
#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::catalog {

namespace {

namespace oids = types::oids;
using types::SqlError;

Value version(const FunctionContext&, Arguments) {
  return text_value(version_text);
}
Value current_database(const FunctionContext& context, Arguments) {
  return Value::text(context.environment.current_database());
}
Value current_user(const FunctionContext& context, Arguments) {
  return Value::text(context.environment.current_user());
}
Value session_user(const FunctionContext& context, Arguments) {
  return Value::text(context.environment.session_user());
}
Value current_schema(const FunctionContext& context, Arguments) {
  const std::vector<std::string> schemas = context.environment.current_schemas(false);
  return schemas.empty() ? Value::null() : Value::text(schemas.front());
}
Value current_schemas(const FunctionContext& context, Arguments arguments) {
  std::vector<Value> elements;
  for (const std::string& schema : context.environment.current_schemas(arguments[0].as_boolean())) {
    elements.push_back(Value::text(schema));
  }
  return types::encode_array(types::make_array(oids::name, std::move(elements)));
}
Value backend_pid(const FunctionContext& context, Arguments) {
  return Value::integer(context.environment.backend_pid());
}
Value transaction_id(const FunctionContext& context, Arguments) {
  return Value::integer(context.environment.transaction_id());
}
Value start_time(const FunctionContext& context, Arguments) {
  return Value::integer(session_of(context).server_start_time());
}
Value load_time(const FunctionContext& context, Arguments) {
  return Value::integer(session_of(context).configuration_load_time());
}
Value reload(const FunctionContext& context, Arguments) {
  session_of(context).reload_configuration();
  return Value::boolean(true);
}
Value cancel_backend(const FunctionContext& context, Arguments arguments) {
  const auto pid = static_cast<std::int32_t>(arguments[0].as_integer());
  return Value::boolean(session_of(context).cancel_backend(pid));
}
Value terminate_backend(const FunctionContext& context, Arguments arguments) {
  const auto pid = static_cast<std::int32_t>(arguments[0].as_integer());
  return Value::boolean(session_of(context).terminate_backend(pid));
}
Value no(const FunctionContext&, Arguments) {
  return Value::boolean(false);
}
Value nothing(const FunctionContext&, Arguments) {
  return Value::null();
}
Value zero(const FunctionContext&, Arguments) {
  return Value::integer(0);
}
Value empty_int4_array(const FunctionContext&, Arguments) {
  return types::encode_array(types::make_array(oids::int4, {}));
}

Value inet_or_null(const FunctionContext& context, const std::string& address) {
  if (address.empty()) return Value::null();
  return types::input_text(context.io, {oids::inet, -1}, address);
}
std::optional<SessionActivity> own_activity(const FunctionContext& context) {
  for (SessionActivity& one : session_of(context).activity()) {
    if (one.pid == context.environment.backend_pid()) return std::move(one);
  }
  return std::nullopt;
}
Value server_address(const FunctionContext& context, Arguments) {
  return inet_or_null(context, session_of(context).server_address());
}
Value server_port(const FunctionContext& context, Arguments) {
  return Value::integer(session_of(context).server_port());
}
Value client_address(const FunctionContext& context, Arguments) {
  const auto own = own_activity(context);
  return own ? inet_or_null(context, own->client_address) : Value::null();
}
Value client_port(const FunctionContext& context, Arguments) {
  const auto own = own_activity(context);
  return own && own->client_port >= 0 ? Value::integer(own->client_port) : Value::null();
}
Value current_query(const FunctionContext& context, Arguments) {
  const auto own = own_activity(context);
  return own ? text_or_null(own->statement) : Value::null();
}

// Encodings by their numbers in PostgreSQL.
constexpr std::array<std::string_view, 42> encodings = {
    "SQL_ASCII", "EUC_JP",        "EUC_CN",     "EUC_KR",     "EUC_TW",     "EUC_JIS_2004",
    "UTF8",      "MULE_INTERNAL", "LATIN1",     "LATIN2",     "LATIN3",     "LATIN4",
    "LATIN5",    "LATIN6",        "LATIN7",     "LATIN8",     "LATIN9",     "LATIN10",
    "WIN1256",   "WIN1258",       "WIN866",     "WIN874",     "KOI8R",      "WIN1251",
    "WIN1252",   "ISO_8859_5",    "ISO_8859_6", "ISO_8859_7", "ISO_8859_8", "WIN1250",
    "WIN1253",   "WIN1254",       "WIN1255",    "WIN1257",    "KOI8U",      "SJIS",
    "BIG5",      "GBK",           "UHC",        "GB18030",    "JOHAB",      "SHIFT_JIS_2004"};
constexpr std::int64_t utf8_encoding = 6;

Value encoding_to_char(const FunctionContext&, Arguments arguments) {
  const std::int64_t number = arguments[0].as_integer();
  const bool is_known = number >= 0 && number < static_cast<std::int64_t>(encodings.size());
  return text_value(is_known ? encodings[static_cast<std::size_t>(number)] : "");
}

// Letters and digits count, in any case.
Value char_to_encoding(const FunctionContext&, Arguments arguments) {
  const auto bare = [](std::string_view name) {
    std::string out;
    for (const char c : name) {
      const auto byte = static_cast<unsigned char>(c);
      if (std::isalnum(byte) != 0) out.push_back(static_cast<char>(std::tolower(byte)));
    }
    return out;
  };
  std::string wanted = bare(arguments[0].as_bytes());
  if (wanted == "unicode") wanted = "utf8";
  for (std::size_t i = 0; i < encodings.size(); ++i) {
    if (bare(encodings[i]) == wanted) return Value::integer(static_cast<std::int64_t>(i));
  }
  return Value::integer(-1);
}

Value client_encoding(const FunctionContext& context, Arguments) {
  return Value::text(context.environment.setting("client_encoding").value_or("UTF8"));
}
Value database_encoding(const FunctionContext&, Arguments) {
  return Value::text("UTF8");
}
Value encoding_max_length(const FunctionContext&, Arguments arguments) {
  const std::int64_t number = arguments[0].as_integer();
  const bool is_known = number >= 0 && number < static_cast<std::int64_t>(encodings.size());
  if (!is_known) return Value::null();
  return Value::integer(number == utf8_encoding ? 4 : 1);
}

// Temporary tables live in the schema pg_temp_<pid>.
std::string temp_schema(const FunctionContext& context) {
  return "pg_temp_" + std::to_string(context.environment.backend_pid());
}
Value my_temp_schema(const FunctionContext& context, Arguments) {
  const SchemaDesc* schema = session_of(context).catalog().find_schema(temp_schema(context));
  return oid_value(schema == nullptr ? types::invalid_oid : schema->oid);
}
Value is_other_temp_schema(const FunctionContext& context, Arguments arguments) {
  const SchemaDesc* schema = session_of(context).catalog().find_schema(oid_of(arguments[0]));
  return Value::boolean(schema != nullptr && schema->name.starts_with("pg_temp_") &&
                        schema->name != temp_schema(context));
}

Value tablespace_location(const FunctionContext&, Arguments) {
  return Value::text("");
}

[[noreturn]] void refuse_replication() {
  throw SqlError(types::sqlstate::feature_not_supported,
                 "this server has no write-ahead log of PostgreSQL's kind");
}
Value no_wal(const FunctionContext&, Arguments) {
  refuse_replication();
}

// bits: 4 INSERT, 8 UPDATE, 16 DELETE (1 << CmdType)
constexpr std::int64_t all_events = 8 + 4 + 16;
Value relation_is_updatable(const FunctionContext& context, Arguments arguments) {
  const RelationDesc* relation = session_of(context).catalog().find_relation(oid_of(arguments[0]));
  return Value::integer(relation != nullptr && relation->kind == 'r' ? all_events : 0);
}
Value column_is_updatable(const FunctionContext& context, Arguments arguments) {
  const RelationDesc* relation = session_of(context).catalog().find_relation(oid_of(arguments[0]));
  return Value::boolean(relation != nullptr && relation->kind == 'r' &&
                        arguments[1].as_integer() > 0);
}
Value relation_is_publishable(const FunctionContext& context, Arguments arguments) {
  const RelationDesc* relation = session_of(context).catalog().find_relation(oid_of(arguments[0]));
  return Value::boolean(relation != nullptr && relation->kind == 'r' &&
                        relation->persistence == 'p' && relation->oid >= first_user_oid);
}

Value index_has_property(const FunctionContext& context, Arguments arguments) {
  const IndexDesc* index = session_of(context).catalog().find_index(oid_of(arguments[0]));
  if (index == nullptr) return Value::null();
  const bool is_btree = index->method == "btree";
  const std::string_view property = arguments.back().as_bytes();
  const auto in = [&](std::initializer_list<std::string_view> names) {
    return std::find(names.begin(), names.end(), property) != names.end();
  };
  if (in({"clusterable", "index_scan", "bitmap_scan", "backward_scan", "orderable", "search_array",
          "search_nulls", "can_order", "can_unique", "can_multi_col", "can_include",
          "returnable"})) {
    return Value::boolean(is_btree);
  }
  if (property == "distance_orderable") return Value::boolean(index->method == "hnsw");
  const auto column =
      static_cast<std::size_t>(arguments.size() == 3 ? arguments[1].as_integer() : 0);
  if (column < 1 || column > index->keys.size()) return Value::null();
  const IndexDesc::Key& key = index->keys[column - 1];
  if (property == "asc") return Value::boolean(is_btree && !key.descending);
  if (property == "desc") return Value::boolean(is_btree && key.descending);
  if (property == "nulls_first") return Value::boolean(is_btree && key.nulls_first);
  if (property == "nulls_last") return Value::boolean(is_btree && !key.nulls_first);
  return Value::null();
}

constexpr ScalarEntry entries[] = {
    {"PG_char_to_encoding", char_to_encoding},
    {"PG_encoding_to_char", encoding_to_char},
    {"current_database", current_database},
    {"current_query", current_query},
    {"current_schema", current_schema},
    {"current_schemas", current_schemas},
    {"current_user", current_user},
    {"getdatabaseencoding", database_encoding},
    {"inet_client_addr", client_address},
    {"inet_client_port", client_port},
    {"inet_server_addr", server_address},
    {"inet_server_port", server_port},
    {"pg_backend_pid", backend_pid},
    {"pg_blocking_pids", empty_int4_array},
    {"pg_cancel_backend", cancel_backend},
    {"pg_client_encoding", client_encoding},
    {"pg_collation_actual_version", nothing},
    {"pg_column_is_updatable", column_is_updatable},
    {"pg_conf_load_time", load_time},
    {"pg_current_wal_flush_lsn", no_wal},
    {"pg_current_wal_insert_lsn", no_wal},
    {"pg_current_wal_lsn", no_wal},
    {"pg_current_xact_id", transaction_id},
    {"pg_current_xact_id_if_assigned", transaction_id},
    {"pg_database_collation_actual_version", nothing},
    {"pg_encoding_max_length_sql", encoding_max_length},
    {"pg_get_replica_identity_index", nothing},
    {"pg_index_column_has_property", index_has_property},
    {"pg_index_has_property", index_has_property},
    {"pg_indexam_progress_phasename", nothing},
    {"pg_is_in_recovery", no},
    {"pg_is_other_temp_schema", is_other_temp_schema},
    {"pg_is_wal_replay_paused", no},
    {"pg_jit_available", no},
    {"pg_last_wal_receive_lsn", nothing},
    {"pg_last_wal_replay_lsn", nothing},
    {"pg_last_xact_replay_timestamp", nothing},
    {"pg_my_temp_schema", my_temp_schema},
    {"pg_notification_queue_usage", zero},
    {"pg_postmaster_start_time", start_time},
    {"pg_relation_is_publishable", relation_is_publishable},
    {"pg_relation_is_updatable", relation_is_updatable},
    {"pg_reload_conf", reload},
    {"pg_safe_snapshot_blocking_pids", empty_int4_array},
    {"pg_tablespace_location", tablespace_location},
    {"pg_terminate_backend", terminate_backend},
    {"pg_trigger_depth", zero},
    {"pgsql_version", version},
    {"row_security_active", no},
    {"row_security_active_name", no},
    {"session_user", session_user},
};

}  // namespace

ScalarTable server_functions() {
  return entries;
}

}  // namespace dvecdb::server::catalog
