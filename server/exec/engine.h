// The running database: the store, its catalogs, its sessions. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/exec/engine_facts.h"
#include "server/exec/session.h"

namespace dvecdb::server::exec {

struct EngineOptions {
  std::string data_dir;
  int max_connections = 200;
  // Overrides of settings' boot values ("log_min_duration_statement", "hnsw.ef_search").
  std::vector<std::pair<std::string, std::string>> settings;
  int port = 0;  // what SHOW port and inet_server_port() answer
  std::string listen_address;
};

// What a password check needs.
struct RoleLogin {
  bool exists = false;
  bool can_login = false;
  // Whether there is a password, and VALID UNTIL has not passed: if not, no password is right.
  bool has_password = false;
  // pg_authid.rolpassword: a SCRAM-SHA-256 verifier; made up where there is none, the same every
  // time, so that strangers cannot tell.
  std::string verifier;
};

struct StatementEvent {
  std::int32_t pid = 0;
  std::string_view user, database;
  std::string_view tag;  // the command without counts: "INSERT"
  std::string_view text;
  double milliseconds = 0;
  std::int64_t rows = 0;
  bool is_search = false;                     // through a vector index
  const types::ErrorFields* error = nullptr;  // null: it succeeded
};

// What health and metrics report.
struct EngineStatus {
  bool is_ready = false;  // opened, indexes replayed, not shutting down
  std::string
      not_ready_reason;  // "starting", "replaying vector indexes", "shutting down", "disk full"
  std::int64_t collections = 0;  // tables with a vector column
  std::int64_t vectors = 0;      // rows in vector indexes
  std::int64_t index_memory_bytes = 0;
  std::int64_t disk_bytes = 0;
  std::int64_t disk_free_bytes = 0;
  std::int64_t sessions = 0;
  std::int64_t last_backup_time = 0;  // seconds since 1970; 0: never
  std::int64_t delta_rows = 0;        // committed changes that no graph has yet
  std::int64_t indexes_building = 0;
  std::int64_t commit_milliseconds = 0;  // since when the longest commit under way waits
};

class Engine {
 public:
  // Opens the data folder, creating database and superuser "postgres" in a new one. Throws SqlError
  // when the folder cannot be used. Indexes load in the background: status().is_ready tells.
  explicit Engine(EngineOptions options);
  ~Engine();  // shutdown()

  // Throws SqlError: 3D000 unknown database, 28000 unknown role, 53300 too many, 57P03 shutting
  // down.
  std::unique_ptr<Session> connect(SessionOptions options);
  RoleLogin role_login(std::string_view role) const;
  // Whether a client that shows its password may act as the role. Takes as long for a role that
  // does not exist. The first time it costs what the verifier's iterations cost, then little.
  bool check_password(std::string_view role, std::string_view password);
  // The role that an API key is bound to; nullopt: no such key, or one that is valid no more, or
  // whose role may not log in.
  std::optional<std::string> role_of_api_key(std::string_view key) const;
  // One more key for role postgres, kept in memory alone. Before the first connect.
  void set_bootstrap_api_key(std::string_view key);

  // As ALTER ROLE ... PASSWORD does, unless it is the role's password already. Throws SqlError.
  void set_role_password(std::string_view role, std::string_view password);

  // Called after each statement on the session's thread; set before the first connect.
  void on_statement(std::function<void(const StatementEvent&)> listener);

  // Never blocks on statements: cheap, from cached state.
  EngineStatus status() const;
  // More of the same kind, for metrics.
  EngineFacts facts() const;
  // One row written and read back in the global file; throws on failure: 55P03 when others have
  // the right to write for longer than `patience`. For deep health checks.
  void probe_write(std::chrono::milliseconds patience);

  // From now on new sessions are refused (57P03) and status() says "shutting down"; statements go
  // on.
  void begin_shutdown();
  // Ends what runs (57P01); sessions notice it at their next step.
  void terminate_sessions();
  // Cancels what still runs, saves the indexes and closes. All sessions must be gone or idle.
  void shutdown();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dvecdb::server::exec
