#include "extension/am/build/node_order.h"

#include <algorithm>
#include <utility>

namespace dvecdb::extension {
namespace {

bool is_linked(const core::HnswGraph& graph, std::uint32_t slot) {
  return graph.role(slot) == core::HnswGraph::Role::linked;
}

}  // namespace

NodeOrder::NodeOrder(const core::HnswGraph& graph, std::uint32_t per_page)
    : graph_(graph),
      per_page_(per_page),
      nodes_(graph.slots(), kNoNode),
      links_from_page_(graph.slots()),
      links_(graph.capacity(0)),
      seed_(graph.entry()) {
  slots_.reserve(graph.slots());
}

bool NodeOrder::add_some() {
  constexpr std::uint32_t kSome = 4096;
  const std::uint32_t enough = size() + kSome;
  while (seed_ != core::HnswGraph::kNone && size() < enough) {
    fill_page(seed_);
    seed_ = next_seed();
  }
  return seed_ != core::HnswGraph::kNone;
}

void NodeOrder::take(std::uint32_t slot) {
  nodes_[slot] = size();
  slots_.push_back(slot);
  const std::size_t count = graph_.links(slot, 0, links_.data());
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t link = links_[i];
    if (nodes_[link] != kNoNode) continue;
    if (links_from_page_[link]++ == 0) near_.push_back(link);
  }
}

/// Adds to the seed what has the most links from the page, one after the other.
void NodeOrder::fill_page(std::uint32_t seed) {
  near_.clear();
  take(seed);
  const auto comes_later = [this](std::uint32_t a, std::uint32_t b) {
    const auto links_a = links_from_page_[a];
    const auto links_b = links_from_page_[b];
    return links_a != links_b ? links_a < links_b : a > b;
  };
  while (size() % per_page_ != 0 && !near_.empty()) {
    const auto best = std::max_element(near_.begin(), near_.end(), comes_later);
    const std::uint32_t slot = *best;
    *best = near_.back();
    near_.pop_back();
    links_from_page_[slot] = 0;
    take(slot);
  }
  for (const std::uint32_t slot : near_) links_from_page_[slot] = 0;
}

/// A neighbor of those in the order, the oldest first; else any node that is left.
std::uint32_t NodeOrder::next_seed() {
  for (; next_left_ < slots_.size(); ++next_left_) {
    const std::size_t count = graph_.links(slots_[next_left_], 0, links_.data());
    for (std::size_t i = 0; i < count; ++i) {
      if (nodes_[links_[i]] == kNoNode) return links_[i];
    }
  }
  for (; next_slot_ < graph_.slots(); ++next_slot_) {
    if (nodes_[next_slot_] != kNoNode || !is_linked(graph_, next_slot_)) continue;
    strays_.push_back(next_slot_);
    return next_slot_;
  }
  return core::HnswGraph::kNone;
}

}  // namespace dvecdb::extension
