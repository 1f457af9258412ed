#include "extension/am/build/added_links.h"

#include <algorithm>
#include <utility>

namespace dvecdb::extension {

AddedLinks::AddedLinks(const core::HnswGraph& graph, const NodeOrder& order)
    : graph_(graph), order_(order), room_(graph.capacity(0)) {
  for (const std::uint32_t stray : order.strays()) {
    if (!add_near(stray)) add_before(stray);
  }
}

std::size_t AddedLinks::links(std::uint32_t slot, std::uint32_t* out) const {
  const auto changed = changed_.find(slot);
  if (changed == changed_.end()) return graph_.links(slot, 0, out);
  std::copy(changed->second.begin(), changed->second.end(), out);
  return changed->second.size();
}

/// Has a node before the stray lead to it: in a free place, or in that of the last of its links
/// that lead back. False if it has neither.
bool AddedLinks::add(std::uint32_t from, std::uint32_t to) {
  if (order_.node(from) >= order_.node(to)) return false;
  const auto count = static_cast<std::ptrdiff_t>(links(from, room_.data()));
  std::ptrdiff_t place = count;
  if (static_cast<std::size_t>(count) == room_.size()) {
    do {
      if (--place < 0) return false;
    } while (order_.node(room_[static_cast<std::size_t>(place)]) > order_.node(from));
  }
  std::vector<std::uint32_t> list(room_.begin(), room_.begin() + count);
  list.resize(static_cast<std::size_t>(std::max(count, place + 1)));
  list[static_cast<std::size_t>(place)] = to;
  changed_[from] = std::move(list);
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
