#include "extension/am/build/added_links.h"

#include <algorithm>
#include <compare>

namespace dvecdb::extension {

AddedLinks::AddedLinks(const core::HnswGraph& graph, const std::vector<std::uint32_t>& strays)
    : graph_(graph), room_(graph.capacity(0)) {
  for (const std::uint32_t stray : strays) add_to(stray);
}

std::size_t AddedLinks::links(std::uint32_t slot, std::uint32_t* out) const {
  std::size_t count = graph_.links(slot, 0, out);
  auto added = std::lower_bound(links_.begin(), links_.end(), Link{slot, 0});
  for (; added != links_.end() && added->from == slot; ++added) out[count++] = added->to;
  return count;
}

bool AddedLinks::add(std::uint32_t from, std::uint32_t to) {
  if (from == to || links(from, room_.data()) == room_.size()) return false;
  const Link link{from, to};
  links_.insert(std::upper_bound(links_.begin(), links_.end(), link), link);
  return true;
}

void AddedLinks::add_to(std::uint32_t stray) {
  std::vector<std::uint32_t> near(graph_.capacity(0));
  near.resize(links(stray, near.data()));
  for (const std::uint32_t from : near) {
    if (add(from, stray)) return;
  }
  std::vector<std::uint32_t> beyond(graph_.capacity(0));
  for (const std::uint32_t neighbor : near) {
    const std::size_t count = links(neighbor, beyond.data());
    for (std::size_t i = 0; i < count; ++i) {
      if (add(beyond[i], stray)) return;
    }
  }
}

}  // namespace dvecdb::extension
