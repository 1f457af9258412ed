#include "extension/am/insert/list_change.h"

#include "extension/am/insert/insert_scratch.h"
#include "extension/guard.h"

namespace dvecdb::extension {
namespace {

/// This part of a full list is given up at once: to find some costs little more than to find one.
constexpr std::size_t kGivenUpShare = 10;

/// A full list and the new node, of which some are to be given up.
class FullList {
 public:
  FullList(InsertScratch& scratch, const SeenList& list, NodeId new_node)
      : scratch_(scratch), list_(list), new_node_(new_node) {}

  /// The places to be given up, ascending; the new node's is list.count.
  std::size_t choose(std::size_t* places) {
    std::size_t count = weigh(places);
    if (count > 0) return count;
    guarded([&] {
      scratch_.choice.measure(list_.code, scratch_.weighed);
      std::sort(scratch_.weighed.begin(), scratch_.weighed.end());
      scratch_.choice.give_up(scratch_.weighed, wanted(), scratch_.given_up);
    });
    for (const std::size_t i : scratch_.given_up) {
      places[count++] = place_of(scratch_.weighed[i].node);
    }
    std::sort(places, places + count);
    return count;
  }

 private:
  std::size_t wanted() const {
    return std::clamp<std::size_t>(list_.count / kGivenUpShare, 1, ListChange::kMaxEdits - 1);
  }

  std::size_t place_of(NodeId node) const {
    return static_cast<std::size_t>(std::find(list_.links, list_.links + list_.count, node) -
                                    list_.links);
  }

  /// Puts all into scratch.weighed; links that lead nowhere are the first to go.
  std::size_t weigh(std::size_t* places) {
    std::size_t nowhere = 0;
    guarded([&] { scratch_.weighed.reserve(list_.count + 1); });
    scratch_.weighed.clear();
    for (std::size_t i = 0; i < list_.count; ++i) {
      const std::uint8_t* code = scratch_.codes.code_of(list_.links[i]);
      if (code != nullptr) {
        scratch_.weighed.push_back({0, list_.links[i], code});
      } else if (nowhere < ListChange::kMaxEdits - 1) {
        places[nowhere++] = i;
      }
    }
    scratch_.weighed.push_back({0, new_node_, scratch_.row.code});
    return nowhere;
  }

  InsertScratch& scratch_;
  const SeenList& list_;
  NodeId new_node_;
};

}  // namespace

bool plan_link(InsertScratch& scratch, const SeenList& list, NodeId new_node, ListChange* out) {
  out->edit_count = 0;
  if (list.has(new_node)) return false;
  if (list.count < list.capacity) {
    out->set(list.count, new_node);
    out->new_count = list.count + 1;
    return true;
  }
  std::array<std::size_t, ListChange::kMaxEdits> places;
  std::size_t count = FullList(scratch, list, new_node).choose(places.data());
  if (places[count - 1] == list.count) return false;
  out->set(places[0], new_node);
  out->new_count = list.count;
  // The last links fill the other places. One whose code is in the row stays where it is.
  while (count > 1) {
    const std::size_t last = out->new_count - 1;
    const std::size_t place = places[count - 1];
    if (place != last) {
      if (list.is_fused(last)) break;
      out->set(place, list.links[last]);
    }
    --out->new_count;
    --count;
  }
  return true;
}

}  // namespace dvecdb::extension
