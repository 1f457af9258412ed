#include "extension/am/walk/page_walk.h"

#include <algorithm>
#include <cfloat>

#include "extension/am/walk/descent.h"
#include "extension/failure_point.h"
#include "extension/guard.h"

extern "C" {
#include <storage/bufmgr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// So many of the nearest candidates are likely to be expanded soon.
constexpr std::size_t kReadAhead = 4;

}  // namespace

core::Candidate PageWalk::descend(NodeId entry, std::uint32_t entry_level, std::uint32_t level) {
  return Descent(reader_, memory_->query).run(entry, entry_level, level);
}

void PageWalk::begin(std::size_t ef, core::Candidate start, bool keep_rejected) {
  const Layout& layout = reader_.index().layout();
  const BlockNumber blocks = RelationGetNumberOfBlocks(reader_.relation());
  const std::size_t nodes = std::size_t{layout.groups_in(blocks)} * layout.nodes_per_group();
  keeps_rejected_ = keep_rejected;
  guarded([&] {
    memory_->visited.reset(nodes);
    memory_->pool.reset(ef);
    memory_->rejected.clear();
    memory_->met_early.clear();
    memory_->met.clear();
    memory_->codes.clear();
    if (start.slot != kNoNode && memory_->visited.mark(start.slot))
      memory_->pool.insert(start.distance, start.slot);
  });
}

void PageWalk::run(std::uint32_t level, Patience patience) {
  core::CandidatePool& pool = memory_->pool;
  std::size_t idle = 0;
  while (idle < patience.pops) {
    const NodeId node = pool.pop();
    if (node == core::kNoSlot) return;
    CHECK_FOR_INTERRUPTS();
    failure_point("walk");
    prefetch_next();
    expand(node, level);
    idle = pool.came_within(patience.rank) ? 0 : idle + 1;
  }
}

void PageWalk::prefetch_next() {
  const NodeId next = memory_->pool.peek().slot;
  if (next == core::kNoSlot || next == prefetched_) return;
  prefetched_ = next;
  reader_.prefetch(next);
}

void PageWalk::meet_unexpanded() {
  core::CandidatePool& pool = memory_->pool;
  pool.for_next(pool.size(), [&](NodeId node) { reader_.prefetch(node); });
  for (NodeId node = pool.pop(); node != core::kNoSlot; node = pool.pop()) meet(node);
}

/// Reads a node and puts it among those met.
bool PageWalk::meet(NodeId node) {
  std::uint8_t* code = nullptr;
  if (keeps_codes_) {
    const std::size_t bytes = reader_.index().codes().code_bytes();
    guarded([&] { memory_->codes.resize((memory_->met.size() + 1) * bytes); });
    code = memory_->codes.data() + memory_->met.size() * bytes;
  }
  if (!reader_.read(node, memory_->query, view_, code)) return false;
  if (is_met(node)) return true;
  const NodeHeader& header = view_.header;
  guarded([&] {
    memory_->met.push_back(
        {view_.distance, view_.error, node, header.state, header.level, header.tid, header.more});
  });
  return true;
}

bool PageWalk::is_met(NodeId node) const {
  const auto& met = memory_->met_early;
  return std::find(met.begin(), met.end(), node) != met.end();
}

void PageWalk::expand(NodeId node, std::uint32_t level) {
  if (!meet(node)) return;
  ++reader_.counters().candidates;
  if (level == 0) {
    memory_->pool.settle_popped(view_.distance);  // which a row has estimated
    look_around(node);
  } else {
    look_around_above(node, level);
  }
}

void PageWalk::look_around(NodeId node) {
  std::size_t fused = 0;
  std::size_t alone = 0;
  for (std::size_t i = 0; i < view_.header.link_count; ++i) {
    if (!memory_->visited.mark(view_.links[i])) continue;
    if (view_.is_fused(i)) {
      places_[fused++] = static_cast<std::uint8_t>(i);
    } else {
      near_[alone++] = view_.links[i];
      reader_.prefetch_code(view_.links[i]);
    }
  }
  if (fused > 0) {
    reader_.row_distances(node, view_, memory_->query, places_.data(), fused, distances_.data());
    for (std::size_t i = 0; i < fused; ++i) offer(view_.links[places_[i]], distances_[i]);
  }
  for (std::size_t i = 0; i < alone; ++i)
    offer(near_[i], reader_.distance(near_[i], memory_->query));
  prefetch_next();
  if (!reader_.index().is_cold()) return;
  memory_->pool.for_next(kReadAhead, [&](NodeId soon) { reader_.read_ahead(soon); });
}

void PageWalk::look_around_above(NodeId node, std::uint32_t level) {
  const std::size_t count = reader_.upper_links(node, view_.header, level, near_.data());
  for (std::size_t i = 0; i < count; ++i) {
    if (memory_->visited.mark(near_[i]))
      offer(near_[i], reader_.distance(near_[i], memory_->query));
  }
}

void PageWalk::offer(NodeId node, float distance) {
  if (distance >= memory_->pool.threshold()) {
    reject({distance, node});
    return;
  }
  const bool is_known = memory_->pool.size() > 0 && memory_->pool.farthest_is_expanded();
  const core::Candidate pushed_out = memory_->pool.insert(distance, node);
  if (pushed_out.slot != core::kNoSlot && !is_known) reject(pushed_out);
}

void PageWalk::reject(core::Candidate candidate) {
  if (keeps_rejected_) guarded([&] { memory_->rejected.push_back(candidate); });
}

/// Puts the nearest `count` of those rejected, or as many as there are, last, nearest at the end.
std::size_t PageWalk::sort_rejected(std::size_t count) {
  const std::size_t sorted = std::min(count, memory_->rejected.size());
  const auto nearest = memory_->rejected.rbegin() + static_cast<std::ptrdiff_t>(sorted);
  std::partial_sort(memory_->rejected.rbegin(), nearest, memory_->rejected.rend());
  return sorted;
}

void PageWalk::look_closer(std::size_t count) {
  const std::size_t sorted = sort_rejected(count);
  const core::Candidate* nearest = memory_->rejected.data() + memory_->rejected.size() - sorted;
  for (std::size_t i = 0; i < sorted; ++i) reader_.prefetch_code(nearest[i].slot);
  for (std::size_t i = 0; i < sorted; ++i) {
    meet(nearest[i].slot);
    guarded([&] { memory_->met_early.push_back(nearest[i].slot); });
  }
}

bool PageWalk::go_on_from(NodeId node, std::size_t ef) {
  if (!memory_->visited.mark(node)) return false;
  guarded([&] {
    memory_->pool.reset(ef);
    memory_->pool.insert(0, node);
  });
  return true;
}

bool PageWalk::go_on(std::size_t ef) {
  const std::size_t count = sort_rejected(ef);
  guarded([&] { memory_->pool.reset(ef); });
  for (std::size_t i = 0; i < count; ++i) {
    if (memory_->rejected.back().distance < memory_->pool.threshold()) {
      memory_->pool.insert(memory_->rejected.back().distance, memory_->rejected.back().slot);
    }
    memory_->rejected.pop_back();
  }
  return count > 0;
}

bool PageWalk::take_rejected(std::size_t count) {
  const std::size_t taken = sort_rejected(count);
  for (std::size_t i = 0; i < taken; ++i) {
    CHECK_FOR_INTERRUPTS();
    const NodeId node = memory_->rejected.back().slot;
    memory_->rejected.pop_back();
    meet(node);
  }
  return taken > 0;
}

}  // namespace dvecdb::extension
