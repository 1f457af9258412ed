#include "core/hnsw/slot_bits.h"

#include "core/hnsw/slot_filter.h"

namespace dvecdb::core {
namespace {

/// What it takes to make the bit of a slot, in nanoseconds.
constexpr double kMakeCost = 5;

/// They are made anew when this part of the slots is missing in them, or this part of their
/// members removed.
constexpr std::size_t kOutdatedShare = 16;

}  // namespace

std::shared_ptr<const SlotBits> SlotBitsCache::find(const LabelSet& labels, double cost) {
  const std::uint64_t content = labels.content_number();
  {
    std::lock_guard lock(mutex_);
    Entry& entry = entry_of(content);
    entry.used = ++uses_;
    if (entry.bits && is_current(*entry.bits)) return entry.bits;
    entry.bits.reset();
    entry.paid += cost;
    if (entry.paid < kMakeCost * graph_.slots()) return nullptr;
  }
  std::shared_ptr<const SlotBits> made = make(labels);
  std::lock_guard lock(mutex_);
  Entry& entry = entry_of(content);
  entry.bits = made;
  entry.paid = 0;
  return made;
}

/// The set's entry, or the one that was used least recently, made the set's.
SlotBitsCache::Entry& SlotBitsCache::entry_of(std::uint64_t content) {
  Entry* oldest = &entries_[0];
  for (Entry& entry : entries_) {
    if (entry.content == content) return entry;
    if (entry.used < oldest->used) oldest = &entry;
  }
  *oldest = Entry{};
  oldest->content = content;
  return *oldest;
}

bool SlotBitsCache::is_current(const SlotBits& bits) const {
  return bits.epoch() == graph_.epoch() &&
         graph_.slots() - bits.slots() <= bits.slots() / kOutdatedShare &&
         graph_.removals() - bits.removals() <= bits.members() / kOutdatedShare;
}

std::shared_ptr<const SlotBits> SlotBitsCache::make(const LabelSet& labels) const {
  constexpr auto kEver = ~std::uint64_t{0};
  const std::uint64_t epoch = graph_.epoch();  // before the slots are looked at
  auto bits = std::make_shared<SlotBits>(graph_.slots(), epoch, graph_.removals());
  SlotFilter filter(graph_, {&labels, {}}, kEver);
  filter.expect_tests(bits->slots());
  for (std::uint32_t slot = 0; slot < bits->slots(); ++slot) {
    const bool is_free = graph_.node(slot).load_state() == NodeState::free;
    if (is_free || filter.leads_to_match(slot)) bits->add(slot);
  }
  return bits;
}

}  // namespace dvecdb::core
