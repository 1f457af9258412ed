// What functions may ask of the session that runs them. exec implements it; tests use a fake.
// Used by one thread at a time, the one that runs the statement.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/types/type_io.h"
#include "server/types/value.h"

namespace dvecdb::server::functions {

class Environment {
 public:
  virtual ~Environment() = default;

  virtual const types::IoContext& io() const = 0;

  // Microseconds since 2000-01-01 UTC.
  virtual std::int64_t transaction_time() const = 0;
  virtual std::int64_t statement_time() const = 0;

  virtual std::string current_user() const = 0;
  virtual std::string session_user() const = 0;
  virtual std::string current_database() const = 0;
  // Schemas of search_path that exist, in order.
  virtual std::vector<std::string> current_schemas(bool include_implicit) const = 0;
  virtual std::int32_t backend_pid() const = 0;
  virtual std::int64_t transaction_id() = 0;

  // nullopt: no such setting. Setting a value checks it and throws SqlError.
  virtual std::optional<std::string> setting(std::string_view name) const = 0;
  virtual void set_setting(std::string_view name, std::string_view value, bool is_local) = 0;

  // Sequences, by pg_class oid of the sequence.
  virtual std::int64_t nextval(types::Oid sequence) = 0;
  virtual std::int64_t currval(types::Oid sequence) = 0;
  virtual std::int64_t setval(types::Oid sequence, std::int64_t value, bool is_called) = 0;
  virtual std::int64_t lastval() = 0;

  // The session's generator (random(), setseed()): uniform in [0, 1).
  virtual double random() = 0;
  virtual void seed_random(double seed) = 0;

  // Throws SqlError (57014) when the statement was cancelled. Long loops call it now and then.
  virtual void check_cancel() = 0;
  // pg_sleep: waits, answering cancellation.
  virtual void sleep(double seconds) = 0;

  virtual void notice(std::string_view severity, std::string_view sqlstate,
                      std::string_view message) = 0;
};

}  // namespace dvecdb::server::functions
