// The running database: the store, its catalogs, its sessions. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// What a password check needs. An empty verifier: no password set.
struct RoleLogin {
  bool exists = false;
  bool can_login = false;
  std::string verifier;  // pg_authid.rolpassword: a SCRAM-SHA-256 verifier, or ""
};

struct StatementEvent {
  std::int32_t pid = 0;
  std::string_view user, database;
  std::string_view tag;  // the command without counts: "INSERT"
  std::string_view text;
  double milliseconds = 0;
  std::int64_t rows = 0;
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

  // As ALTER ROLE ... PASSWORD does. Throws SqlError.
  void set_role_password(std::string_view role, std::string_view password);

  // Called after each statement on the session's thread; set before the first connect.
  void on_statement(std::function<void(const StatementEvent&)> listener);

  // Never blocks on statements: cheap, from cached state.
  EngineStatus status() const;
  // One row written and read back in the global file; throws on failure. For deep health checks.
  void probe_write();

  // From now on new sessions are refused (57P03) and status() says "shutting down"; statements go
  // on.
  void begin_shutdown();
  // Cancels what still runs, saves the indexes and closes. All sessions must be gone or idle.
  void shutdown();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dvecdb::server::exec
