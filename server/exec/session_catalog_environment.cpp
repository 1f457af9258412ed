// The part of the session's environment that functions over the catalog ask.
#include <sqlite3.h>

#include "server/exec/api_keys.h"
#include "server/exec/session_context.h"
#include "server/exec/session_environment.h"
#include "server/exec/utility/transaction_modes.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

const catalog::SessionCatalog& SessionEnvironment::catalog() const {
  return context_.catalog();
}

types::Oid SessionEnvironment::current_user_oid() const {
  return context_.role().oid;
}
types::Oid SessionEnvironment::current_database_oid() const {
  return context_.database->oid();
}
std::int64_t SessionEnvironment::server_start_time() const {
  return context_.engine.start_time();
}
std::int64_t SessionEnvironment::configuration_load_time() const {
  return context_.engine.start_time();
}
std::string SessionEnvironment::server_address() const {
  return context_.engine.options().listen_address;
}
int SessionEnvironment::server_port() const {
  return context_.engine.options().port;
}

std::vector<catalog::SettingDesc> SessionEnvironment::all_settings() const {
  std::vector<catalog::SettingDesc> settings;
  for (const SettingDefinition& d : context_.settings.table().all()) {
    if (!d.is_listed) continue;
    catalog::SettingDesc setting;
    setting.name = d.name;
    setting.value = is_transaction_mode(d.name) ? show_transaction_mode(context_, d.name)
                                                : context_.settings.raw(d.name);
    setting.unit = d.unit;
    setting.category = d.category;
    setting.short_description = d.short_description;
    setting.context = setting_context_name(d.context);
    setting.type = setting_type_name(d.type);
    switch (context_.settings.source(d.name)) {
      case SettingSource::session:
        setting.source = "session";
        break;
      case SettingSource::startup:
        setting.source = "client";
        break;
      case SettingSource::boot:
        setting.source = "default";
        break;
    }
    setting.minimum = d.minimum;
    setting.maximum = d.maximum;
    setting.allowed_values = d.choices;
    setting.boot_value = d.boot_value;
    setting.reset_value = context_.settings.reset_value(d.name);
    settings.push_back(std::move(setting));
  }
  return settings;
}

std::vector<catalog::SessionActivity> SessionEnvironment::activity() const {
  return context_.engine.activity();
}

std::vector<catalog::PreparedStatementDesc> SessionEnvironment::prepared_statements() const {
  std::vector<catalog::PreparedStatementDesc> all;
  for (const auto& [name, prepared] : context_.prepared.all()) {
    if (name.empty() || prepared.statement->is_empty) continue;
    catalog::PreparedStatementDesc desc;
    desc.name = name;
    desc.text = *prepared.statement->text;
    desc.prepared_at = prepared.prepare_time;
    desc.parameter_types = prepared.statement->parameters;
    desc.is_from_sql = prepared.from_sql;
    all.push_back(std::move(desc));
  }
  return all;
}

std::vector<catalog::CursorDesc> SessionEnvironment::cursors() const {
  std::vector<catalog::CursorDesc> all;
  for (const auto& [name, portal] : context_.cursors.all()) {
    if (!portal->is_cursor) continue;
    all.push_back({name, portal->query_text, portal->is_held, portal->is_binary,
                   portal->is_scrollable || !portal->no_scroll, portal->creation_time});
  }
  return all;
}

bool SessionEnvironment::cancel_backend(std::int32_t pid) {
  return context_.engine.signal(pid, false);
}

bool SessionEnvironment::terminate_backend(std::int32_t pid) {
  return context_.engine.signal(pid, true);
}

std::int64_t SessionEnvironment::relation_bytes(types::Oid oid) const {
  const query::Catalog& catalog = context_.catalog();
  if (const query::IndexDesc* index = catalog.find_index(oid);
      index != nullptr && index->store_name.empty()) {
    for (const storage::VectorIndexStats& stats :
         context_.database->store().vector_indexes().stats()) {
      if (stats.index == oid) return stats.file_bytes > 0 ? stats.file_bytes : stats.memory_bytes;
    }
    return 0;
  }
  const query::RelationDesc* relation = catalog.find_relation(oid);
  if (relation == nullptr || relation->store_name.empty() || connection_ == nullptr) return 0;
  // The size of a b-tree by its pages, where the store was built to count them.
  static const bool has_dbstat = sqlite3_compileoption_used("ENABLE_DBSTAT_VTAB") != 0;
  if (!has_dbstat) return 0;
  storage::Statement size =
      connection_->prepare("SELECT sum(pgsize) FROM dbstat WHERE name = ?1 AND aggregate = TRUE");
  size.bind(1, Value::text(relation->store_name));
  return size.step() ? size.column(0).as_integer() : 0;
}

std::int64_t SessionEnvironment::database_bytes(types::Oid database) const {
  return database == context_.database->oid() ? context_.database->store().bytes_on_disk()
                                              : context_.engine.database_bytes(database);
}

bool SessionEnvironment::take_advisory_lock(std::int64_t key, bool shared, bool for_transaction,
                                            bool waits) {
  AdvisoryLocks& locks = context_.engine.advisory_locks();
  const AdvisoryLocks::Key full{context_.database->oid(), key};
  const std::int32_t pid = context_.options.pid;
  if (!locks.take(full, pid, shared, waits, context_.cancelled)) {
    context_.check_cancel();
    return false;
  }
  if (for_transaction) {
    context_.transaction.at_end(
        [&locks, full, pid, shared](bool) { locks.release(full, pid, shared); });
  }
  return true;
}

void SessionEnvironment::advisory_lock(std::int64_t key, bool shared, bool for_transaction) {
  take_advisory_lock(key, shared, for_transaction, true);
}

bool SessionEnvironment::try_advisory_lock(std::int64_t key, bool shared, bool for_transaction) {
  return take_advisory_lock(key, shared, for_transaction, false);
}

bool SessionEnvironment::advisory_unlock(std::int64_t key, bool shared) {
  return context_.engine.advisory_locks().release({context_.database->oid(), key},
                                                  context_.options.pid, shared);
}

void SessionEnvironment::advisory_unlock_all() {
  context_.engine.advisory_locks().release_all(context_.options.pid);
}

std::string SessionEnvironment::create_api_key(catalog::ApiKeyDesc key) {
  return exec::create_api_key(context_.transaction.writer("dvecdb_create_api_key()"),
                              std::move(key));
}

void SessionEnvironment::drop_api_key(std::int64_t id) {
  catalog::delete_api_key(context_.transaction.writer("dvecdb_drop_api_key()"), id);
}

void SessionEnvironment::notify(std::string_view channel, std::string_view payload) {
  context_.notify(channel, payload);
}

std::vector<std::string> SessionEnvironment::listening_channels() const {
  return context_.database->notifications().channels(context_.options.pid);
}

}  // namespace dvecdb::server::exec
