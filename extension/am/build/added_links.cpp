#include "extension/am/build/added_links.h"

#include <algorithm>
#include <compare>

namespace dvecdb::extension {

AddedLinks::AddedLinks(const core::HnswGraph& graph, const NodeOrder& order)
    : graph_(graph), order_(order), room_(graph.capacity(0)) {
  for (const std::uint32_t stray : order.strays()) {
    if (!add_near(stray)) add_before(stray);
  }
}

std::size_t AddedLinks::links(std::uint32_t slot, std::uint32_t* out) const {
  std::size_t count = graph_.links(slot, 0, out);
  auto added = std::lower_bound(links_.begin(), links_.end(), Link{slot, 0});
  for (; added != links_.end() && added->from == slot; ++added) out[count++] = added->to;
  return count;
}

/// Those before the stray in the order are reached, by links added if not by the graph's own.
bool AddedLinks::add(std::uint32_t from, std::uint32_t to) {
  if (order_.node(from) >= order_.node(to)) return false;
  if (links(from, room_.data()) == room_.size()) return false;
  const Link link{from, to};
  links_.insert(std::upper_bound(links_.begin(), links_.end(), link), link);
  return true;
}

bool AddedLinks::add_near(std::uint32_t stray) {
  std::vector<std::uint32_t> near(graph_.capacity(0));
  near.resize(graph_.links(stray, 0, near.data()));
  for (const std::uint32_t from : near) {
    if (add(from, stray)) return true;
  }
  std::vector<std::uint32_t> beyond(graph_.capacity(0));
  for (const std::uint32_t neighbor : near) {
    const std::size_t count = graph_.links(neighbor, 0, beyond.data());
    for (std::size_t i = 0; i < count; ++i) {
      if (add(beyond[i], stray)) return true;
    }
  }
  return false;
}

void AddedLinks::add_before(std::uint32_t stray) {
  for (NodeId node = order_.node(stray); node-- > 0;) {
    if (add(order_.slot(node), stray)) return;
  }
}

}  // namespace dvecdb::extension
