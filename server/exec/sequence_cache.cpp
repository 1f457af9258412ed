#include "server/exec/sequence_cache.h"

#include <fmt/format.h>

#include "server/catalog/sequences.h"
#include "server/catalog/tables.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::string_view sequence_generator_limit_exceeded = "2200H";

std::int64_t advance(const SequenceState& state) {
  if (!state.is_called) return state.last_value;
  std::int64_t next = 0;
  const bool overflows = __builtin_add_overflow(state.last_value, state.increment, &next);
  if (!overflows && next >= state.minimum && next <= state.maximum) return next;
  const bool ascends = state.increment > 0;
  if (state.cycles) return ascends ? state.minimum : state.maximum;
  throw SqlError(sequence_generator_limit_exceeded,
                 fmt::format("nextval: reached {} value of sequence \"{}\" ({})",
                             ascends ? "maximum" : "minimum", state.name,
                             ascends ? state.maximum : state.minimum));
}

}  // namespace

SequenceState& SequenceCache::load(storage::Connection& writer,
                                   const query::RelationDesc& sequence) {
  const auto found = states_.find(sequence.oid);
  if (found != states_.end()) return found->second;
  namespace seq = catalog::pg_sequence;
  SequenceState state;
  state.name = sequence.name;
  {
    storage::Statement row = writer.prepare(fmt::format(
        "SELECT c{}, c{}, c{}, c{} FROM {} WHERE c{} = ?1", static_cast<int>(seq::seqincrement),
        static_cast<int>(seq::seqmin), static_cast<int>(seq::seqmax),
        static_cast<int>(seq::seqcycle), seq::table.store_name, static_cast<int>(seq::seqrelid)));
    row.bind(1, Value::integer(sequence.oid));
    if (!row.step()) {
      throw SqlError(sqlstate::internal_error,
                     fmt::format("cache lookup failed for sequence {}", sequence.oid));
    }
    state.increment = row.column(0).as_integer();
    state.minimum = row.column(1).as_integer();
    state.maximum = row.column(2).as_integer();
    state.cycles = row.column(3).as_boolean();
  }
  const catalog::SequenceState stored = catalog::sequence_state(writer, sequence.oid);
  state.last_value = stored.last_value;
  state.is_called = stored.is_called;
  return states_.emplace(sequence.oid, std::move(state)).first->second;
}

std::int64_t SequenceCache::next(storage::Connection& writer, const query::RelationDesc& sequence) {
  const std::lock_guard lock(mutex_);
  SequenceState& state = load(writer, sequence);
  state.last_value = advance(state);
  state.is_called = true;
  unwritten_.insert(sequence.oid);
  return state.last_value;
}

void SequenceCache::set(storage::Connection& writer, const query::RelationDesc& sequence,
                        std::int64_t value, bool is_called) {
  const std::lock_guard lock(mutex_);
  SequenceState& state = load(writer, sequence);
  if (value < state.minimum || value > state.maximum) {
    throw SqlError(sqlstate::numeric_value_out_of_range,
                   fmt::format("setval: value {} is out of bounds for sequence \"{}\" ({}..{})",
                               value, state.name, state.minimum, state.maximum));
  }
  state.last_value = value;
  state.is_called = is_called;
  unwritten_.insert(sequence.oid);
}

void SequenceCache::flush(storage::Connection& writer) {
  const std::lock_guard lock(mutex_);
  for (const types::Oid oid : unwritten_) {
    const auto found = states_.find(oid);
    if (found == states_.end()) continue;
    catalog::set_sequence_value(writer, oid, found->second.last_value, found->second.is_called);
    written_.insert(oid);
  }
  unwritten_.clear();
}

void SequenceCache::committed() {
  const std::lock_guard lock(mutex_);
  written_.clear();
}

void SequenceCache::rolled_back() {
  const std::lock_guard lock(mutex_);
  unwritten_.insert(written_.begin(), written_.end());
  written_.clear();
}

void SequenceCache::forget(types::Oid sequence) {
  const std::lock_guard lock(mutex_);
  states_.erase(sequence);
  unwritten_.erase(sequence);
}

}  // namespace dvecdb::server::exec
