#include "server/exec/session_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "server/exec/settings/special_settings.h"
#include "server/query/plan.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

SessionContext::SessionContext(EngineCore& core, std::shared_ptr<OpenDatabase> opened,
                               const SessionOptions& session_options)
    : engine(core),
      database(std::move(opened)),
      options(session_options),
      settings(core.settings()),
      transaction(*database, settings, cancelled),
      environment(*this),
      session_user(session_options.user),
      current_user(session_options.user) {
  transaction.set_environment(&environment);
  transaction.on_shared_change = [&core] { core.shared_catalog_changed(); };
}

std::string SessionContext::temp_schema() const {
  return fmt::format("pg_temp_{}", options.pid);
}

void SessionContext::refresh_settings() {
  if (settings_generation_ == settings.generation()) return;
  settings.fill(io_);
  const std::string role_name = settings.raw("role");
  current_user = role_name == "none" || role_name.empty() ? session_user : role_name;
  plan_key_ = fmt::format("{}|{}|{}|{}|{}|{}|{}|{}", settings.raw("search_path"), current_user,
                          io_.time_zone, settings.raw("DateStyle"), settings.raw("IntervalStyle"),
                          settings.raw("enable_indexscan"), settings.raw("bytea_output"),
                          io_.extra_float_digits);
  settings_generation_ = settings.generation();
}

const catalog::SessionCatalog& SessionContext::catalog() {
  refresh_settings();
  const catalog::SnapshotPtr& current = transaction.catalog();
  if (!catalog_ || &catalog_->snapshot() != current.get() ||
      path_generation_ != settings_generation_) {
    std::vector<std::string> path;
    if (current->find_schema(temp_schema()) != nullptr) path.push_back(temp_schema());
    std::vector<std::string> named;
    for (std::string& name : split_identifier_list("search_path", settings.raw("search_path"))) {
      if (name == "$user") name = current_user;
      if (name == "pg_temp") name = temp_schema();
      if (current->find_schema(name) == nullptr) continue;
      if (std::find(named.begin(), named.end(), name) == named.end()) named.push_back(name);
    }
    if (std::find(named.begin(), named.end(), "pg_catalog") == named.end()) {
      path.push_back("pg_catalog");
    }
    path.insert(path.end(), named.begin(), named.end());
    catalog_ = std::make_unique<catalog::SessionCatalog>(current, std::move(path));
    path_generation_ = settings_generation_;
  }
  io_.types = catalog_.get();
  return *catalog_;
}

const types::IoContext& SessionContext::io() {
  catalog();
  io_.transaction_time = transaction.is_open() ? transaction.start_time() : statement_time;
  return io_;
}

query::AnalyzeContext SessionContext::analyze_context(std::string_view text) {
  const catalog::SessionCatalog& seen = catalog();
  io_.transaction_time = transaction.is_open() ? transaction.start_time() : statement_time;
  const std::span<const std::string> path = seen.search_path();
  return {seen, io_, {path.begin(), path.end()}, current_user, text};
}

const std::string& SessionContext::plan_key() {
  refresh_settings();
  return plan_key_;
}

std::vector<std::string> SessionContext::schemas(bool include_implicit) {
  const std::span<const std::string> path = catalog().search_path();
  std::vector<std::string> result(path.begin(), path.end());
  if (include_implicit) return result;
  const std::vector<std::string> named =
      split_identifier_list("search_path", settings.raw("search_path"));
  std::erase_if(result, [&](const std::string& name) {
    const bool is_implicit = name == "pg_catalog" || name == temp_schema();
    return is_implicit && std::find(named.begin(), named.end(), name) == named.end();
  });
  return result;
}

std::string SessionContext::creation_schema() {
  const std::vector<std::string> path = schemas(false);
  if (!path.empty()) return path.front();
  throw SqlError(sqlstate::invalid_schema_name, "no schema has been selected to create in");
}

const catalog::RoleDesc& SessionContext::role() {
  const catalog::RoleDesc* found = snapshot().find_role(current_user);
  if (found != nullptr) return *found;
  throw SqlError(sqlstate::undefined_object,
                 fmt::format("role \"{}\" does not exist", current_user));
}

bool SessionContext::is_member(std::string_view role_name, types::Oid of) {
  const catalog::RoleDesc* found = snapshot().find_role(role_name);
  if (found == nullptr) return false;
  std::vector<types::Oid> pending{found->oid};
  for (std::size_t i = 0; i < pending.size(); ++i) {
    if (pending[i] == of) return true;
    const catalog::RoleDesc* role = snapshot().find_role(pending[i]);
    if (role == nullptr) continue;
    for (const types::Oid group : role->member_of) {
      if (std::find(pending.begin(), pending.end(), group) == pending.end()) {
        pending.push_back(group);
      }
    }
  }
  return false;
}

void SessionContext::hold_cursors() {
  for (const auto& [name, portal] : cursors.all()) {
    if (!portal->is_held || !portal->result.rows || portal->is_done) continue;
    portal->result.rows = buffer_rows(*portal->result.rows);
  }
}

bool SessionContext::is_deferred(const query::ConstraintDesc& constraint) const {
  if (!constraint.is_deferrable || transaction.state() == TransactionState::none) return false;
  if (deferred_epoch_ == transaction.block_number()) {
    const auto named = named_deferred_.find(constraint.name);
    if (named != named_deferred_.end()) return named->second;
    if (all_deferred_) return *all_deferred_;
  }
  return constraint.is_deferred;
}

void SessionContext::set_deferred(const std::vector<std::string>& names, bool deferred) {
  if (deferred_epoch_ != transaction.block_number()) {
    all_deferred_.reset();
    named_deferred_.clear();
    deferred_epoch_ = transaction.block_number();
  }
  if (names.empty()) {
    all_deferred_ = deferred;
    named_deferred_.clear();
  }
  for (const std::string& name : names) named_deferred_[name] = deferred;
}

void SessionContext::forget_sequence(types::Oid sequence) {
  SequenceCache& sequences = database->sequences();
  sequences.forget(sequence);
  transaction.at_end([&sequences, sequence](bool) { sequences.forget(sequence); });
}

Value evaluate_constant(SessionContext& context, std::string_view text, const void* node,
                        types::Oid type) {
  const query::AnalyzeContext analysis = context.analyze_context(text);
  const query::ExprPtr expr = query::analyze_node(analysis, node, nullptr, {type, -1});
  StatementConnection connection = context.transaction.reader();
  context.environment.set_connection(&*connection);
  storage::Statement computed =
      connection->prepare("SELECT " + query::lower_expression(analysis, *expr, nullptr, ""));
  computed.step();
  Value value = computed.column(0);
  value.own();
  return value;
}

void SessionContext::set_role(std::string_view role_name, bool is_local) {
  settings.set("role", role_name, is_local, true);
  refresh_settings();
}

void SessionContext::notice(std::string_view severity, std::string_view state,
                            std::string_view message, std::string_view detail,
                            std::string_view hint) {
  if (sink == nullptr) return;
  static constexpr std::array<std::string_view, 9> levels = {
      "debug5", "debug4", "debug3", "debug2", "debug1", "log", "notice", "warning", "error"};
  const auto rank = [](std::string_view name) {
    for (std::size_t i = 0; i < levels.size(); ++i) {
      if (levels[i] == name) return static_cast<int>(i);
    }
    return name == "debug" ? 4 : 8;
  };
  std::string lower_severity(severity);
  std::transform(lower_severity.begin(), lower_severity.end(), lower_severity.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  const bool is_wanted =
      lower_severity == "info" || rank(lower_severity) >= rank(settings.raw("client_min_messages"));
  if (!is_wanted) return;
  types::ErrorFields fields;
  fields.sqlstate = state;
  fields.message = message;
  fields.detail = detail;
  fields.hint = hint;
  sink->notice(severity, fields);
}

SqlError SessionContext::stop_error() const {
  switch (stop_reason.load()) {
    case StopReason::terminated:
      return SqlError(sqlstate::admin_shutdown,
                      "terminating connection due to administrator command");
    case StopReason::timed_out:
      return SqlError(sqlstate::query_canceled, "canceling statement due to statement timeout");
    case StopReason::none:
    case StopReason::cancelled:
      break;
  }
  return SqlError(sqlstate::query_canceled, "canceling statement due to user request");
}

void SessionContext::check_cancel() const {
  if (cancelled.load(std::memory_order_relaxed)) throw stop_error();
}

}  // namespace dvecdb::server::exec
