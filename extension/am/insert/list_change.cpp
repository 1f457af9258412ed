#include "extension/am/insert/list_change.h"

#include "extension/am/insert/full_list.h"

namespace dvecdb::extension {

bool plan_link(InsertScratch& scratch, const SeenList& list, const NewLink& link, ListChange* out) {
  out->edit_count = 0;
  out->reason_count = 0;
  out->taken_over = kNoNode;
  const std::size_t known = list.place_of(link.link.node);
  if (known < list.count) {
    // A link to a number that was another node's: the code in the row is still that one's.
    const bool is_stale = link.link.node == scratch.row.node && list.is_fused(known);
    out->set(known, link.link.node);
    out->new_count = list.count;
    if (link.link.node != scratch.row.node || list.count < 2) return is_stale;
    // It changes its place, so that nobody takes it away who saw that it leads nowhere.
    const std::size_t other = known > 0 ? known - 1 : 1;
    out->edits[0].node = list.links[other];
    out->set(other, link.link.node);
    return true;
  }
  if (list.count < list.capacity) {
    out->set(list.count, link.link.node);
    out->new_count = list.count + 1;
    return true;
  }
  std::array<std::size_t, ListChange::kMaxEdits> places;
  std::size_t count = FullList(scratch, list, link).give_up(places.data(), out);
  if (places[count - 1] == list.count) return false;
  out->set(places[0], link.link.node);
  out->new_count = list.count;
  // The last links that stay fill the other places. One whose code is in the row stays where it is.
  std::size_t first = 1;
  while (first < count) {
    const std::size_t last = out->new_count - 1;
    if (places[count - 1] == last) {  // goes itself
      --count;
    } else {
      if (list.is_fused(last)) break;
      out->set(places[first++], list.links[last]);
    }
    --out->new_count;
  }
  return true;
}

}  // namespace dvecdb::extension
