// What the parts of a session share while they run its statements. Used by the session's thread
// alone, but for the cancel mark.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "server/catalog/session_catalog.h"
#include "server/exec/cursors.h"
#include "server/exec/dml/table_shape.h"
#include "server/exec/engine_core.h"
#include "server/exec/open_database.h"
#include "server/exec/prepared.h"
#include "server/exec/row_stream.h"
#include "server/exec/session_environment.h"
#include "server/exec/settings/session_settings.h"
#include "server/exec/transaction.h"
#include "server/query/analyze.h"

namespace dvecdb::server::exec {

enum class StopReason : std::uint8_t { none, cancelled, timed_out, terminated };

class SessionContext {
 public:
  SessionContext(EngineCore& core, std::shared_ptr<OpenDatabase> opened,
                 const SessionOptions& session_options);
  SessionContext(const SessionContext&) = delete;

  EngineCore& engine;
  std::shared_ptr<OpenDatabase> database;
  SessionOptions options;
  std::atomic<bool> cancelled = false;
  std::atomic<StopReason> stop_reason = StopReason::none;
  SessionSettings settings;
  Transaction transaction;
  SessionEnvironment environment;
  PlanCache plans;
  PreparedStatements prepared;
  Cursors cursors;
  TableShapes shapes;

  // Where notices go; null between statements.
  ResultSink* sink = nullptr;
  std::int64_t statement_time = 0;
  bool is_search = false;  // the statement searches through a vector index

  std::string session_user;
  std::string current_user;
  bool session_is_superuser = false;

  // The catalog along the search path, as of the transaction.
  const catalog::SessionCatalog& catalog();
  const catalog::Snapshot& snapshot() { return catalog().snapshot(); }
  // Where inputs note that they read the clock; null: nowhere.
  void watch_clock(bool* reads_clock) { io_.reads_clock = reads_clock; }
  // Brought up to date with settings, catalog and transaction time.
  const types::IoContext& io();
  query::AnalyzeContext analyze_context(std::string_view text);
  // What a plan depends on besides statement and catalog.
  const std::string& plan_key();

  // Schemas of search_path that exist; with the implicit ones.
  std::vector<std::string> schemas(bool include_implicit);
  std::string temp_schema() const;
  // Where CREATE puts things without a schema. Throws 3F000.
  std::string creation_schema();

  const catalog::RoleDesc& role();  // current_user's
  // Whether a role is another, or a member of it, directly or not.
  bool is_member(std::string_view role_name, types::Oid of);
  bool is_superuser() { return role().is_superuser; }
  void set_role(std::string_view role_name, bool is_local);

  // Reads the rest of WITH HOLD cursors into memory; before a commit.
  void hold_cursors();
  // Deferrable constraints: as declared unless SET CONSTRAINTS said otherwise.
  bool is_deferred(const query::ConstraintDesc& constraint) const;
  void set_deferred(const std::vector<std::string>& names, bool deferred);
  void notify(std::string_view channel, std::string_view payload);
  // The sequence was changed or dropped: its cached state goes, now and after a rollback.
  void forget_sequence(types::Oid sequence);

  void notice(std::string_view severity, std::string_view sqlstate, std::string_view message,
              std::string_view detail = {}, std::string_view hint = {});
  // Throws 57014 or 57P01 when the statement was told to end.
  void check_cancel() const;
  types::SqlError stop_error() const;

  bool temp_schema_used = false;
  // Temporary tables made with ON COMMIT; true: DROP, false: DELETE ROWS.
  std::map<types::Oid, bool> on_commit_tables;

 private:
  void refresh_settings();

  types::IoContext io_;
  std::unique_ptr<catalog::SessionCatalog> catalog_;
  std::uint64_t settings_generation_ = 0;
  std::uint64_t path_generation_ = 0;
  std::string plan_key_;
  // SET CONSTRAINTS of the transaction with this epoch.
  std::uint64_t deferred_epoch_ = 0;
  std::optional<bool> all_deferred_;
  std::map<std::string, bool> named_deferred_;
};

// The value of an expression without columns, by assignment of the given type.
Value evaluate_constant(SessionContext& context, std::string_view text, const void* node,
                        types::Oid type);

}  // namespace dvecdb::server::exec
