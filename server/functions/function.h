// How a function, aggregate or set-returning function of PostgreSQL is implemented here: a plain
// C++ function over stored values, found by its symbol, that knows nothing of SQLite.
//
// The symbol of a scalar or set-returning function is pg_proc.prosrc ("int4pl", "textcat"); that of
// an aggregate is its proname ("sum"), one factory for all its argument types.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/functions/environment.h"
#include "server/types/error.h"
#include "server/types/type_io.h"
#include "server/types/value.h"

namespace dvecdb::server::functions {

using types::Oid;
using types::TypeRef;
using types::Value;

// The types that the analyzer resolved for this call (polymorphic functions need them).
struct CallTypes {
  struct Column {
    std::string name;
    TypeRef type;
  };
  std::vector<TypeRef> arguments;
  TypeRef result;
  // The result columns of a set-returning function, a column definition list's included:
  // jsonb_to_recordset(x) AS t(a int, b text).
  std::vector<Column> columns = {};
};

// Everything a call may use. Lives for one statement on one thread.
struct FunctionContext {
  Environment& environment;
  const types::IoContext& io;
  const CallTypes& call;
};

// Arguments borrow; what the result borrows must outlive the call (arguments do).
// A strict function (pg_proc.proisstrict) is not called with a NULL: the caller answers NULL.
using ScalarFunction = Value (*)(const FunctionContext& context, std::span<const Value> arguments);

// One group's (or window frame's) state. Arguments must be copied (Value::own) to be kept.
class Aggregate {
 public:
  virtual ~Aggregate() = default;
  virtual void step(const FunctionContext& context, std::span<const Value> arguments) = 0;
  // May be called more than once, between steps (window frames that grow).
  virtual Value result(const FunctionContext& context) const = 0;
};
using AggregateFactory = std::unique_ptr<Aggregate> (*)(const CallTypes& call);

// The rows of a set-returning function, produced one by one.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // Fills `row` (one value per result column) and returns true, or returns false at the end.
  virtual bool next(const FunctionContext& context, std::vector<Value>& row) = 0;
};
using SetFunction = std::unique_ptr<RowSource> (*)(const FunctionContext& context,
                                                   std::span<const Value> arguments);

// What the row store may assume of a scalar function.
enum class Volatility : std::uint8_t { immutable, stable, volatile_ };

struct ScalarEntry {
  std::string_view symbol;
  ScalarFunction function;
  bool needs_types = false;  // reads context.call
};
struct AggregateEntry {
  std::string_view name;
  AggregateFactory factory;
};
struct SetEntry {
  std::string_view symbol;
  SetFunction function;
};

// All implementations, sorted by symbol. Built once, then read by any thread. Families add their
// tables in registry.cpp; a later room adds its own through add_*() before the first session.
class Registry {
 public:
  static Registry& instance();

  const ScalarEntry* find_scalar(std::string_view symbol) const;
  const AggregateEntry* find_aggregate(std::string_view name) const;
  const SetEntry* find_set(std::string_view symbol) const;

  void add(std::span<const ScalarEntry> entries);
  void add(std::span<const AggregateEntry> entries);
  void add(std::span<const SetEntry> entries);

  const std::vector<ScalarEntry>& scalars() const { return scalars_; }
  const std::vector<AggregateEntry>& aggregates() const { return aggregates_; }
  const std::vector<SetEntry>& sets() const { return sets_; }

 private:
  Registry();
  std::vector<ScalarEntry> scalars_;
  std::vector<AggregateEntry> aggregates_;
  std::vector<SetEntry> sets_;
};

}  // namespace dvecdb::server::functions
