// What functions over the catalog ask of the session, beside functions::Environment. The session's
// environment (exec) is this class; these functions find it by a cast of the Environment.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/catalog/access.h"
#include "server/catalog/session_catalog.h"
#include "server/functions/environment.h"
#include "server/storage/connection.h"

namespace dvecdb::server::catalog {

// A row of pg_stat_activity and pg_stat_ssl.
struct SessionActivity {
  std::int32_t pid = 0;
  Oid database = types::invalid_oid;
  Oid role = types::invalid_oid;
  std::string application_name;
  std::string client_address;  // "" for none
  int client_port = -1;
  std::string tls_version, tls_cipher;  // "" for none
  int tls_bits = 0;
  std::int64_t started = 0;              // all times in microseconds since 2000-01-01 UTC
  std::int64_t transaction_started = 0;  // 0: none
  std::int64_t statement_started = 0;
  std::int64_t state_changed = 0;
  std::string state;  // "active", "idle", "idle in transaction", "idle in transaction (aborted)"
  std::string statement;
  std::string wait_event_type, wait_event;
};

// A row of pg_show_all_settings().
struct SettingDesc {
  std::string name, value, unit, category, short_description, context, type, source;
  std::string minimum, maximum;             // "" for none
  std::vector<std::string> allowed_values;  // of an enum
  std::string boot_value, reset_value;
};

struct PreparedStatementDesc {
  std::string name, text;
  std::int64_t prepared_at = 0;
  std::vector<Oid> parameter_types;
  bool is_from_sql = false;
  std::int64_t generic_plans = 0, custom_plans = 0;
};

struct CursorDesc {
  std::string name, text;
  bool is_holdable = false, is_binary = false, is_scrollable = false;
  std::int64_t created_at = 0;
};

class CatalogEnvironment : public functions::Environment {
 public:
  // The catalog that the running statement sees.
  virtual const SessionCatalog& catalog() const = 0;
  // The connection that runs the statement, to read catalog tables in its snapshot.
  virtual storage::Connection& connection() = 0;

  virtual Oid current_user_oid() const = 0;
  virtual Oid current_database_oid() const = 0;
  virtual std::int64_t server_start_time() const = 0;
  virtual std::int64_t configuration_load_time() const = 0;
  // "" when unknown.
  virtual std::string server_address() const = 0;
  virtual int server_port() const = 0;

  virtual std::vector<SettingDesc> all_settings() const = 0;
  virtual std::vector<SessionActivity> activity() const = 0;
  virtual std::vector<PreparedStatementDesc> prepared_statements() const = 0;
  virtual std::vector<CursorDesc> cursors() const = 0;
  // False: no such session.
  virtual bool cancel_backend(std::int32_t pid) = 0;
  virtual bool terminate_backend(std::int32_t pid) = 0;
  virtual void reload_configuration() = 0;

  // Bytes that a relation (table: rows; hnsw index: its file) or a database takes on disk.
  virtual std::int64_t relation_bytes(Oid relation) const = 0;
  virtual std::int64_t database_bytes(Oid database) const = 0;

  // Session and transaction advisory locks (pg_advisory_*). try_: false when another holds it.
  virtual void advisory_lock(std::int64_t key, bool shared, bool for_transaction) = 0;
  virtual bool try_advisory_lock(std::int64_t key, bool shared, bool for_transaction) = 0;
  virtual bool advisory_unlock(std::int64_t key, bool shared) = 0;
  virtual void advisory_unlock_all() = 0;

  // API keys. create: completes `key` and answers what the client shows, which nobody keeps.
  virtual std::string create_api_key(ApiKeyDesc key) = 0;
  virtual void drop_api_key(std::int64_t id) = 0;

  // As NOTIFY and LISTEN.
  virtual void notify(std::string_view channel, std::string_view payload) = 0;
  virtual std::vector<std::string> listening_channels() const = 0;
};

}  // namespace dvecdb::server::catalog
