#include "server/exec/session_environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "server/exec/session_context.h"
#include "server/exec/utility/transaction_modes.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

const types::IoContext& SessionEnvironment::io() const {
  return context_.io();
}
std::int64_t SessionEnvironment::transaction_time() const {
  return context_.transaction.start_time();
}
std::int64_t SessionEnvironment::statement_time() const {
  return context_.statement_time;
}
std::string SessionEnvironment::current_user() const {
  return context_.current_user;
}
std::string SessionEnvironment::session_user() const {
  return context_.session_user;
}
std::string SessionEnvironment::current_database() const {
  return context_.database->name();
}
std::vector<std::string> SessionEnvironment::current_schemas(bool include_implicit) const {
  return context_.schemas(include_implicit);
}
std::int32_t SessionEnvironment::backend_pid() const {
  return context_.options.pid;
}
std::int64_t SessionEnvironment::transaction_id() {
  return context_.transaction.id();
}

std::optional<std::string> SessionEnvironment::setting(std::string_view name) const {
  if (is_transaction_mode(name)) return show_transaction_mode(context_, name);
  return context_.settings.find(name);
}

void SessionEnvironment::set_setting(std::string_view name, std::string_view value, bool is_local) {
  context_.settings.set(name, value, is_local, context_.is_superuser());
}

namespace {

const query::RelationDesc& sequence_of(SessionContext& context, types::Oid oid) {
  const query::RelationDesc* relation = context.catalog().find_relation(oid);
  if (relation == nullptr) {
    throw SqlError(sqlstate::undefined_table, fmt::format("relation {} does not exist", oid));
  }
  if (relation->kind != 'S') {
    throw SqlError(sqlstate::wrong_object_type,
                   fmt::format("\"{}\" is not a sequence", relation->name));
  }
  return *relation;
}

}  // namespace

std::int64_t SessionEnvironment::nextval(types::Oid sequence) {
  const query::RelationDesc& relation = sequence_of(context_, sequence);
  const std::int64_t value =
      context_.database->sequences().next(context_.transaction.writer("nextval()"), relation);
  current_values_[sequence] = value;
  last_value_ = value;
  last_sequence_ = sequence;
  return value;
}

std::int64_t SessionEnvironment::currval(types::Oid sequence) {
  const query::RelationDesc& relation = sequence_of(context_, sequence);
  const auto found = current_values_.find(sequence);
  if (found != current_values_.end()) return found->second;
  throw SqlError(
      sqlstate::object_not_in_prerequisite_state,
      fmt::format("currval of sequence \"{}\" is not yet defined in this session", relation.name));
}

std::int64_t SessionEnvironment::setval(types::Oid sequence, std::int64_t value, bool is_called) {
  const query::RelationDesc& relation = sequence_of(context_, sequence);
  context_.database->sequences().set(context_.transaction.writer("setval()"), relation, value,
                                     is_called);
  if (is_called) current_values_[sequence] = value;
  return value;
}

std::int64_t SessionEnvironment::lastval() {
  if (last_value_) return current_values_[last_sequence_];
  throw SqlError(sqlstate::object_not_in_prerequisite_state,
                 "lastval is not yet defined in this session");
}

void SessionEnvironment::forget_sequences() {
  current_values_.clear();
  last_value_.reset();
}

double SessionEnvironment::random() {
  if (!generator_) generator_.emplace(std::random_device{}());
  return std::ldexp(static_cast<double>((*generator_)() >> 11), -53);
}

void SessionEnvironment::seed_random(double seed) {
  generator_.emplace(static_cast<std::uint64_t>(std::llround(seed * 4503599627370496.0)));
}

void SessionEnvironment::check_cancel() {
  context_.check_cancel();
}

void SessionEnvironment::sleep(double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(std::min(seconds, 1e9)));
  while (Clock::now() < end) {
    context_.check_cancel();
    std::this_thread::sleep_for(
        std::min<Clock::duration>(end - Clock::now(), std::chrono::milliseconds(10)));
  }
  context_.check_cancel();
}

void SessionEnvironment::notice(std::string_view severity, std::string_view state,
                                std::string_view message) {
  context_.notice(severity, state, message);
}

}  // namespace dvecdb::server::exec
