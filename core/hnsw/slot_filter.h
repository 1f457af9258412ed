#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "core/hnsw/graph.h"
#include "core/hnsw/slot_bits.h"
#include "dvecdb/label_set.h"
#include "dvecdb/neighbor.h"

namespace dvecdb::core {

/// What a search may answer with: live labels, inserted before it began, that pass its filter.
/// Borrows the graph and the filter's labels.
class SlotFilter {
 public:
  /// Labels whose insertion has the sequence `before` or a later one do not pass.
  SlotFilter(const Graph& graph, Filter filter, std::uint64_t before)
      : graph_(graph), filter_(std::move(filter)), before_(before) {}

  bool is_open() const { return filter_.empty(); }
  const Filter& filter() const { return filter_; }
  const LabelSet* labels() const { return filter_.labels; }

  /// The labels are to be tested about so many times.
  void expect_tests(std::size_t count) {
    if (filter_.labels != nullptr) bits_ = filter_.labels->bits(count);
  }

  bool passes(const Node& node) const {
    if (node.load_state() != NodeState::live) return false;
    // Without branches where it can be: what passes is hard to predict.
    bool passes = node.sequence < before_;
    if (!bits_.empty()) {
      passes &= bits_.test(node.label);
    } else if (filter_.labels != nullptr) {
      passes = passes && filter_.labels->contains(node.label);
    }
    if (filter_.predicate) passes = passes && filter_.predicate(node.label);
    return passes;
  }

  /// What leads_to_match() looks at from now on, without touching the nodes.
  void use(std::shared_ptr<const SlotBits> bits) { slot_bits_ = std::move(bits); }
  const SlotBits* slot_bits() const { return slot_bits_.get(); }

  /// Whether the node or one of the duplicates behind it passes. Of a long chain only the
  /// beginning is looked at: then perhaps.
  bool leads_to_match(std::uint32_t slot) const {
    if (slot_bits_ != nullptr && slot < slot_bits_->slots()) return slot_bits_->test(slot);
    const Node& node = graph_.node(slot);
    const std::uint32_t next = node.next_duplicate.load(std::memory_order_acquire);
    const bool matches = passes(node);
    return next == kNoSlot ? matches : matches || chain_matches(next);
  }

 private:
  bool chain_matches(std::uint32_t slot) const {
    constexpr int kMaxLookedAt = 64;
    for (int i = 0; i < kMaxLookedAt && slot != kNoSlot; ++i) {
      const Node& node = graph_.node(slot);
      if (passes(node)) return true;
      slot = node.next_duplicate.load(std::memory_order_acquire);
    }
    return slot != kNoSlot;
  }

  const Graph& graph_;
  Filter filter_;
  std::uint64_t before_;
  LabelBits bits_;
  std::shared_ptr<const SlotBits> slot_bits_;
};

}  // namespace dvecdb::core
