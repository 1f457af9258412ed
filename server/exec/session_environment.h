// What functions ask of the session that runs them.
#pragma once

#include <map>
#include <optional>
#include <random>
#include <string>

#include "server/catalog/environment.h"

namespace dvecdb::server::exec {

class SessionContext;

class SessionEnvironment : public catalog::CatalogEnvironment {
 public:
  explicit SessionEnvironment(SessionContext& context) : context_(context) {}

  const types::IoContext& io() const override;
  std::int64_t transaction_time() const override;
  std::int64_t statement_time() const override;
  std::string current_user() const override;
  std::string session_user() const override;
  std::string current_database() const override;
  std::vector<std::string> current_schemas(bool include_implicit) const override;
  std::int32_t backend_pid() const override;
  std::int64_t transaction_id() override;
  std::optional<std::string> setting(std::string_view name) const override;
  void set_setting(std::string_view name, std::string_view value, bool is_local) override;
  std::int64_t nextval(types::Oid sequence) override;
  std::int64_t currval(types::Oid sequence) override;
  std::int64_t setval(types::Oid sequence, std::int64_t value, bool is_called) override;
  std::int64_t lastval() override;
  double random() override;
  void seed_random(double seed) override;
  void check_cancel() override;
  void sleep(double seconds) override;
  void notice(std::string_view severity, std::string_view sqlstate,
              std::string_view message) override;

  const catalog::SessionCatalog& catalog() const override;
  storage::Connection& connection() override { return *connection_; }
  types::Oid current_user_oid() const override;
  types::Oid current_database_oid() const override;
  std::int64_t server_start_time() const override;
  std::int64_t configuration_load_time() const override;
  std::string server_address() const override;
  int server_port() const override;
  std::vector<catalog::SettingDesc> all_settings() const override;
  std::vector<catalog::SessionActivity> activity() const override;
  std::vector<catalog::PreparedStatementDesc> prepared_statements() const override;
  std::vector<catalog::CursorDesc> cursors() const override;
  bool cancel_backend(std::int32_t pid) override;
  bool terminate_backend(std::int32_t pid) override;
  void reload_configuration() override {}
  std::int64_t relation_bytes(types::Oid relation) const override;
  std::int64_t database_bytes(types::Oid database) const override;
  void advisory_lock(std::int64_t key, bool shared, bool for_transaction) override;
  bool try_advisory_lock(std::int64_t key, bool shared, bool for_transaction) override;
  bool advisory_unlock(std::int64_t key, bool shared) override;
  void advisory_unlock_all() override;
  std::string create_api_key(catalog::ApiKeyDesc key) override;
  void drop_api_key(std::int64_t id) override;
  void notify(std::string_view channel, std::string_view payload) override;
  std::vector<std::string> listening_channels() const override;

  void forget_sequences();  // DISCARD SEQUENCES
  // The connection that runs the session's statement from now on.
  void set_connection(storage::Connection* connection) { connection_ = connection; }

 private:
  bool take_advisory_lock(std::int64_t key, bool shared, bool for_transaction, bool waits);

  SessionContext& context_;
  storage::Connection* connection_ = nullptr;
  std::map<types::Oid, std::int64_t> current_values_;
  std::optional<std::int64_t> last_value_;
  types::Oid last_sequence_ = types::invalid_oid;
  std::optional<std::mt19937_64> generator_;
};

}  // namespace dvecdb::server::exec
