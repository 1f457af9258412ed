// How a registered function meets SQLite: values in and out, the session, errors. Internal to the
// store_functions*.cpp and store_sets*.cpp files.
#pragma once

#include <sqlite3.h>

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/functions/call_types.h"
#include "server/functions/function.h"
#include "server/storage/connection.h"

namespace dvecdb::server::exec {

using functions::CallTypes;
using functions::Environment;
using functions::FunctionContext;
using types::Value;

// One per connection; registered functions have it (or a binding that points to it) as user data.
class StoreContext {
 public:
  explicit StoreContext(storage::Connection& connection) : connection_(connection) {}

  storage::Connection& connection() const { return connection_; }
  Environment& environment() const;
  std::shared_ptr<const CallTypes> call_types(std::string_view literal);
  // Hands the exception being handled to the statement that runs.
  void keep_error() const { connection_.set_pending_error(std::current_exception()); }

 private:
  storage::Connection& connection_;
  std::unordered_map<std::string, std::shared_ptr<const CallTypes>> call_types_;
};

// Borrows the bytes: valid as long as SQLite keeps the value.
Value to_value(sqlite3_value* value);
void set_result(sqlite3_context* context, const Value& value);

// Runs `body` and turns what it throws into a SQLite error of the call.
template <typename Body>
void guarded(sqlite3_context* context, const StoreContext& store, Body&& body) {
  try {
    body();
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  } catch (const std::exception& error) {
    store.keep_error();
    sqlite3_result_error(context, error.what(), -1);
  }
}

// The arguments of a call as Values, without an allocation for the usual few.
class ArgumentList {
 public:
  ArgumentList(int count, sqlite3_value** values) : count_(static_cast<std::size_t>(count)) {
    if (count_ > inline_count) {
      many_.reserve(count_);
      for (std::size_t i = 0; i < count_; ++i) many_.push_back(to_value(values[i]));
      return;
    }
    for (std::size_t i = 0; i < count_; ++i) new (slot(i)) Value(to_value(values[i]));
  }
  ArgumentList(const ArgumentList&) = delete;
  ArgumentList& operator=(const ArgumentList&) = delete;
  ~ArgumentList() {
    if (count_ > inline_count) return;
    for (std::size_t i = 0; i < count_; ++i) std::destroy_at(slot(i));
  }
  std::span<const Value> span() const {
    if (count_ > inline_count) return many_;
    return {slot(0), count_};
  }

 private:
  static constexpr std::size_t inline_count = 6;
  Value* slot(std::size_t i) { return reinterpret_cast<Value*>(bytes_) + i; }
  const Value* slot(std::size_t i) const { return reinterpret_cast<const Value*>(bytes_) + i; }

  std::size_t count_;
  alignas(Value) std::byte bytes_[sizeof(Value) * inline_count];
  std::vector<Value> many_;
};

// Throws when SQLite refuses a registration (out of memory).
void check_registered(storage::Connection& connection, int code);

// Each registers one kind; `store` outlives the connection's statements.
void register_scalars(StoreContext& store);
void register_aggregates(StoreContext& store);
void register_ordered_aggregate(StoreContext& store);
void register_helper_scalars(StoreContext& store);
void register_helper_aggregates(StoreContext& store);
void register_array_helpers(StoreContext& store);
void register_record_helpers(StoreContext& store);
void register_collations(StoreContext& store);

// The shape of most helpers: a plain function over the arguments.
using HelperFunction = Value (*)(StoreContext& store, std::span<const Value> arguments);
struct HelperEntry {
  const char* name;
  HelperFunction function;
  bool is_deterministic = true;
};
void register_helpers(StoreContext& store, std::span<const HelperEntry> entries);

}  // namespace dvecdb::server::exec
