#include "server/catalog/sequences.h"

#include <string>

#include "server/catalog/table.h"
#include "server/types/error.h"

namespace dvecdb::server::catalog {

namespace {

using types::SqlError;
namespace sqlstate = types::sqlstate;

constexpr std::string_view sequence_limit_exceeded = "2200H";

struct Definition {
  std::int64_t increment, minimum, maximum;
  bool cycles;
};

Definition definition_of(storage::Connection& connection, types::Oid sequence) {
  storage::Statement select = connection.prepare("SELECT c4, c6, c5, c8 FROM t2224 WHERE c1 = ?1");
  select.bind(1, oid_value(sequence));
  if (!select.step()) {
    throw SqlError(sqlstate::undefined_table,
                   "could not open relation with OID " + std::to_string(sequence));
  }
  return {select.column(0).as_integer(), select.column(1).as_integer(),
          select.column(2).as_integer(), select.column(3).as_boolean()};
}

std::string name_of(storage::Connection& connection, types::Oid sequence) {
  storage::Statement select = connection.prepare("SELECT c2 FROM t1259 WHERE c1 = ?1");
  select.bind(1, oid_value(sequence));
  return select.step() ? std::string(select.column(0).as_bytes()) : std::to_string(sequence);
}

void store(storage::Connection& connection, types::Oid sequence, std::int64_t value,
           bool is_called) {
  storage::Statement update = connection.prepare(
      "UPDATE main.sequence_state SET last_value = ?2, is_called = ?3 WHERE sequence = ?1");
  update.bind(1, oid_value(sequence));
  update.bind(2, Value::integer(value));
  update.bind(3, Value::boolean(is_called));
  update.run();
}

// True when value + increment lies past the limit. Both are within the limits, whose distance may
// not fit in 64 signed bits.
bool passes_limit(std::int64_t value, const Definition& definition) {
  std::int64_t next = 0;
  if (__builtin_add_overflow(value, definition.increment, &next)) return true;
  return definition.increment > 0 ? next > definition.maximum : next < definition.minimum;
}

}  // namespace

SequenceState sequence_state(storage::Connection& connection, types::Oid sequence) {
  storage::Statement select = connection.prepare(
      "SELECT last_value, is_called FROM main.sequence_state WHERE sequence = ?1");
  select.bind(1, oid_value(sequence));
  if (!select.step()) {
    throw SqlError(sqlstate::undefined_table,
                   "could not open relation with OID " + std::to_string(sequence));
  }
  return {select.column(0).as_integer(), select.column(1).as_boolean()};
}

std::int64_t next_sequence_value(storage::Connection& connection, types::Oid sequence) {
  const Definition definition = definition_of(connection, sequence);
  const SequenceState state = sequence_state(connection, sequence);
  std::int64_t next = state.last_value;
  if (state.is_called) {
    const bool is_at_end = passes_limit(state.last_value, definition);
    if (is_at_end && !definition.cycles) {
      const bool is_ascending = definition.increment > 0;
      throw SqlError(sequence_limit_exceeded,
                     std::string("nextval: reached ") + (is_ascending ? "maximum" : "minimum") +
                         " value of sequence \"" + name_of(connection, sequence) + "\" (" +
                         std::to_string(is_ascending ? definition.maximum : definition.minimum) +
                         ")");
    }
    const std::int64_t first = definition.increment > 0 ? definition.minimum : definition.maximum;
    next = is_at_end ? first : state.last_value + definition.increment;
  }
  store(connection, sequence, next, true);
  return next;
}

void set_sequence_value(storage::Connection& connection, types::Oid sequence, std::int64_t value,
                        bool is_called) {
  const Definition definition = definition_of(connection, sequence);
  if (value < definition.minimum || value > definition.maximum) {
    throw SqlError(sqlstate::numeric_value_out_of_range,
                   "setval: value " + std::to_string(value) + " is out of bounds for sequence \"" +
                       name_of(connection, sequence) + "\" (" + std::to_string(definition.minimum) +
                       ".." + std::to_string(definition.maximum) + ")");
  }
  store(connection, sequence, value, is_called);
}

}  // namespace dvecdb::server::catalog
