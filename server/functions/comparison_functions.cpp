// =, <>, <, <=, >, >=, the three-way comparisons and the greater or smaller of two, for types that
// have an order: one template over one comparison a type.
#include <deque>
#include <string>
#include <vector>

#include "server/functions/families.h"
#include "server/functions/numbers.h"
#include "server/types/binary.h"
#include "server/types/oids.h"

namespace dvecdb::server::functions {

namespace {

using Comparison = int (*)(const FunctionContext&, const Value&, const Value&);

int order_of(std::int64_t x, std::int64_t y) {
  return x < y ? -1 : (x > y ? 1 : 0);
}

int compare_integers(const FunctionContext&, const Value& a, const Value& b) {
  return order_of(a.as_integer(), b.as_integer());
}

int compare_floats(const FunctionContext&, const Value& a, const Value& b) {
  const auto x = types::float_sort_bits(a.as_real());
  const auto y = types::float_sort_bits(b.as_real());
  return x < y ? -1 : (x > y ? 1 : 0);
}

int compare_numerics(const FunctionContext&, const Value& a, const Value& b) {
  return Numeric::compare_text(a.as_bytes(), b.as_bytes());
}

template <Oid Type>
int compare_by_type(const FunctionContext& context, const Value& a, const Value& b) {
  return types::compare(context.io, Type, a, b);
}

// The one comparison whose answer is not -1, 0 or 1.
Value difference(const FunctionContext&, Arguments args) {
  return Value::integer(args[0].as_integer() - args[1].as_integer());
}

enum class Relation { eq, ne, lt, le, gt, ge };

template <Relation R>
bool holds(int order) {
  switch (R) {
    case Relation::eq:
      return order == 0;
    case Relation::ne:
      return order != 0;
    case Relation::lt:
      return order < 0;
    case Relation::le:
      return order <= 0;
    case Relation::gt:
      return order > 0;
    case Relation::ge:
      return order >= 0;
  }
  return false;
}

template <Comparison Compare, Relation R>
Value relate(const FunctionContext& context, Arguments args) {
  return Value::boolean(holds<R>(Compare(context, args[0], args[1])));
}

template <Comparison Compare>
Value three_way(const FunctionContext& context, Arguments args) {
  return Value::integer(order_of(Compare(context, args[0], args[1]), 0));
}

template <Comparison Compare>
Value larger(const FunctionContext& context, Arguments args) {
  return Compare(context, args[0], args[1]) > 0 ? args[0] : args[1];
}

template <Comparison Compare>
Value smaller(const FunctionContext& context, Arguments args) {
  return Compare(context, args[0], args[1]) < 0 ? args[0] : args[1];
}

class TableBuilder {
 public:
  // The six relations under prefix + "eq" ... + suffix.
  template <Comparison Compare>
  void relations(const std::string& prefix, const std::string& suffix = "") {
    add(prefix + "eq" + suffix, relate<Compare, Relation::eq>);
    add(prefix + "ne" + suffix, relate<Compare, Relation::ne>);
    add(prefix + "lt" + suffix, relate<Compare, Relation::lt>);
    add(prefix + "le" + suffix, relate<Compare, Relation::le>);
    add(prefix + "gt" + suffix, relate<Compare, Relation::gt>);
    add(prefix + "ge" + suffix, relate<Compare, Relation::ge>);
  }

  template <Comparison Compare>
  void extremes(const std::string& prefix) {
    add(prefix + "larger", larger<Compare>);
    add(prefix + "smaller", smaller<Compare>);
  }

  void add(std::string symbol, ScalarFunction function) {
    symbols_.push_back(std::move(symbol));
    entries_.push_back({symbols_.back(), function});
  }

  const std::vector<ScalarEntry>& entries() const { return entries_; }

 private:
  std::deque<std::string> symbols_;  // a deque keeps them where they are
  std::vector<ScalarEntry> entries_;
};

// Every integer type is stored alike, so one comparison serves all pairs.
void add_integers(TableBuilder& table) {
  for (const char* prefix : {"int2", "int4", "int8", "int24", "int42", "int28", "int82", "int48",
                             "int84", "oid", "bool", "tid", "xid8", "pg_lsn_"}) {
    table.relations<compare_integers>(prefix);
  }
  for (const char* prefix : {"int2", "int4", "int8", "oid", "tid", "xid8_", "pg_lsn_"}) {
    table.extremes<compare_integers>(prefix);
  }
  for (const char* symbol :
       {"btint4cmp", "btint8cmp", "btint24cmp", "btint42cmp", "btint28cmp", "btint82cmp",
        "btint48cmp", "btint84cmp", "btoidcmp", "btboolcmp", "bttidcmp", "xid8cmp", "pg_lsn_cmp"}) {
    table.add(symbol, three_way<compare_integers>);
  }
  table.add("btint2cmp", difference);
  for (const char* symbol : {"xideq", "xideqint4", "cideq"}) {
    table.add(symbol, relate<compare_integers, Relation::eq>);
  }
  for (const char* symbol : {"xidneq", "xidneqint4"}) {
    table.add(symbol, relate<compare_integers, Relation::ne>);
  }
}

void add_reals(TableBuilder& table) {
  for (const char* prefix : {"float4", "float8", "float48", "float84"}) {
    table.relations<compare_floats>(prefix);
  }
  table.extremes<compare_floats>("float4");
  table.extremes<compare_floats>("float8");
  for (const char* symbol : {"btfloat4cmp", "btfloat8cmp", "btfloat48cmp", "btfloat84cmp"}) {
    table.add(symbol, three_way<compare_floats>);
  }
  table.relations<compare_numerics>("numeric_");
  table.extremes<compare_numerics>("numeric_");
  table.add("numeric_cmp", three_way<compare_numerics>);
}

void add_times(TableBuilder& table) {
  for (const std::string prefix : {"date_", "time_", "timestamp_"}) {
    table.relations<compare_integers>(prefix);
    table.extremes<compare_integers>(prefix);
    table.add(prefix + "cmp", three_way<compare_integers>);
  }
  constexpr auto compare_timetz = compare_by_type<types::oids::timetz>;
  table.relations<compare_timetz>("timetz_");
  table.extremes<compare_timetz>("timetz_");
  table.add("timetz_cmp", three_way<compare_timetz>);
  constexpr auto compare_interval = compare_by_type<types::oids::interval>;
  table.relations<compare_interval>("interval_");
  table.extremes<compare_interval>("interval_");
  table.add("interval_cmp", three_way<compare_interval>);
}

TableBuilder build() {
  TableBuilder table;
  add_integers(table);
  add_reals(table);
  add_times(table);
  return table;
}

}  // namespace

ScalarTable comparison_functions() {
  static const TableBuilder table = build();
  return table.entries();
}

}  // namespace dvecdb::server::functions
