#include "server/exec/engine.h"

#include <fmt/format.h>

#include "server/catalog/bootstrap.h"
#include "server/catalog/writer.h"
#include "server/exec/api_keys.h"
#include "server/exec/crypto.h"
#include "server/exec/engine_core.h"
#include "server/exec/password_check.h"
#include "server/exec/scram.h"
#include "server/exec/session_impl.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

struct Engine::Impl {
  explicit Impl(EngineOptions options) : core(std::move(options)) {}
  EngineCore core;
  PasswordCheck passwords;
  std::string bootstrap_key_digest;
  bool is_closed = false;
};

Engine::Engine(EngineOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}

Engine::~Engine() {
  shutdown();
}

std::unique_ptr<Session> Engine::connect(SessionOptions options) {
  EngineCore& core = impl_->core;
  if (core.is_shutting_down()) {
    throw SqlError(sqlstate::cannot_connect_now, "the database system is shutting down");
  }
  if (core.session_count() >= static_cast<std::size_t>(core.options().max_connections)) {
    throw SqlError(sqlstate::too_many_connections, "sorry, too many clients already");
  }
  const RoleLogin login = role_login(options.user);
  if (!login.exists) {
    throw SqlError(sqlstate::invalid_authorization_specification,
                   fmt::format("role \"{}\" does not exist", options.user));
  }
  if (!login.can_login) {
    throw SqlError(sqlstate::invalid_authorization_specification,
                   fmt::format("role \"{}\" is not permitted to log in", options.user));
  }
  std::shared_ptr<OpenDatabase> database = core.database(options.database);
  auto session = std::make_unique<SessionImpl>(core, std::move(database), options);
  core.check_connection_limit(options.user);  // counts the new one, too
  return session;
}

RoleLogin Engine::role_login(std::string_view role) const {
  const catalog::SnapshotPtr snapshot = impl_->core.home().snapshot();
  const catalog::RoleDesc* found = snapshot->find_role(role);
  RoleLogin login;
  if (found != nullptr) {
    login.exists = true;
    login.can_login = found->can_login;
    login.verifier = found->verifier;
    login.has_password = !found->valid_until || *found->valid_until > clock_now();
  }
  if (!parse_scram_verifier(login.verifier)) {
    login.verifier = made_up_scram_verifier(impl_->core.folder_secret(), role);
    login.has_password = false;
  }
  return login;
}

bool Engine::check_password(std::string_view role, std::string_view password) {
  const RoleLogin login = role_login(role);
  return impl_->passwords.is_right(login, role, password) && login.can_login;
}

std::optional<std::string> Engine::role_of_api_key(std::string_view key) const {
  OpenDatabase& home = impl_->core.home();
  const std::string digest = api_key_digest(key);
  std::optional<Oid> role;
  if (equal_in_constant_time(digest, impl_->bootstrap_key_digest)) {
    role = catalog::postgres_role_oid;
  } else {
    storage::ReaderLease reader = home.store().reader();
    role = find_role_of_api_key(reader.connection(), key, digest, clock_now());
  }
  if (!role) return std::nullopt;
  const catalog::SnapshotPtr snapshot = home.snapshot();
  const catalog::RoleDesc* found = snapshot->find_role(*role);
  if (found == nullptr || !found->can_login) return std::nullopt;
  return found->name;
}

void Engine::set_bootstrap_api_key(std::string_view key) {
  impl_->bootstrap_key_digest = api_key_digest(key);
}

void Engine::set_role_password(std::string_view role, std::string_view password) {
  EngineCore& core = impl_->core;
  const RoleLogin login = role_login(role);
  if (login.has_password && impl_->passwords.is_right(login, role, password)) return;
  OpenDatabase& home = core.home();
  storage::WriterLease lease = home.store().begin({});
  const std::uint64_t number = home.write_began();
  storage::Connection& connection = lease.connection();
  catalog::SnapshotPtr snapshot = home.load_catalog(connection);
  const catalog::RoleDesc* found = snapshot->find_role(role);
  if (found == nullptr) {
    home.write_ended();
    throw SqlError(sqlstate::undefined_object, fmt::format("role \"{}\" does not exist", role));
  }
  catalog::RoleDesc changed = *found;
  changed.verifier = make_scram_verifier(password);
  types::IoContext io;
  io.types = snapshot.get();
  const query::AnalyzeContext analysis{*snapshot, io, {"pg_catalog"}, "postgres", {}};
  catalog::Writer(connection, *snapshot, analysis).alter_role(found->oid, changed);
  catalog::SnapshotPtr after = home.load_catalog(connection);
  lease.commit();
  home.write_ended();
  home.publish(std::move(after), number);
  core.shared_catalog_changed();
}

void Engine::on_statement(std::function<void(const StatementEvent&)> listener) {
  impl_->core.on_statement(std::move(listener));
}

EngineStatus Engine::status() const {
  return impl_->core.status();
}

EngineFacts Engine::facts() const {
  return impl_->core.facts();
}

void Engine::probe_write(std::chrono::milliseconds patience) {
  OpenDatabase& home = impl_->core.home();
  storage::WriterLease lease = home.store().begin({.timeout = patience, .cancelled = nullptr});
  storage::Connection& connection = lease.connection();
  connection.execute(
      "CREATE TABLE IF NOT EXISTS global.write_probe (id INTEGER PRIMARY KEY, written INTEGER)");
  const std::int64_t now = clock_now();
  {
    storage::Statement write =
        connection.prepare("INSERT OR REPLACE INTO global.write_probe VALUES (1, ?1)");
    write.bind(1, Value::integer(now));
    write.run();
  }
  {
    storage::Statement read =
        connection.prepare("SELECT written FROM global.write_probe WHERE id = 1");
    if (!read.step() || read.column(0).as_integer() != now) {
      throw SqlError(sqlstate::io_error, "a row that was written could not be read back");
    }
  }
  lease.commit();
}

void Engine::begin_shutdown() {
  impl_->core.begin_shutdown();
}

void Engine::terminate_sessions() {
  impl_->core.signal_all(types::invalid_oid, true);
}

void Engine::shutdown() {
  if (impl_->is_closed) return;
  impl_->is_closed = true;
  impl_->core.close();
}

}  // namespace dvecdb::server::exec
