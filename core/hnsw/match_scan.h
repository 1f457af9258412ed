#pragma once

#include <cstddef>
#include <cstdint>

#include "core/hnsw/engine.h"
#include "core/hnsw/slot_filter.h"

namespace dvecdb::core {

/// Calls `visit(slot)` for every slot that passes the filter, and perhaps for some that do no
/// longer: through the slots' bits where they are known, through the labels of the set where they
/// are few, else slot by slot.
template <class Visit>
void for_each_match(const HnswEngine& index, const SlotFilter& filter, Visit visit) {
  // What it costs to look a label up, in slots passed over.
  constexpr std::size_t kLookup = 12;
  const std::uint32_t slots = index.graph.slots();
  const auto look_at = [&](std::uint32_t slot) {
    if (filter.passes(index.graph.node(slot))) visit(slot);
  };
  const auto look_from = [&](std::uint32_t first) {
    for (std::uint32_t slot = first; slot < slots; ++slot) look_at(slot);
  };
  const LabelSet* labels = filter.labels();
  if (filter.slot_bits() != nullptr) {
    filter.slot_bits()->for_each(visit);
    look_from(filter.slot_bits()->slots());
  } else if (labels != nullptr && labels->size() < slots / kLookup) {
    labels->for_each([&](std::uint64_t label) {
      const auto slot = index.labels.find(label);
      if (slot && *slot < slots) look_at(*slot);
      return true;
    });
  } else {
    look_from(0);
  }
}

}  // namespace dvecdb::core
