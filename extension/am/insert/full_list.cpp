#include "extension/am/insert/full_list.h"

#include <algorithm>

#include "extension/guard.h"

namespace dvecdb::extension {
namespace {

/// This part of a full list is given up at once.
constexpr std::size_t kGivenUpShare = 10;

/// So many of those that cover a neighbor are asked whether they lead there.
constexpr std::size_t kAsked = 3;

/// A neighbor that is so much farther than most (of squared distances) leads to another region: the
/// link to it must not be lost.
constexpr float kElsewhere = 4.0f;

}  // namespace

std::size_t FullList::give_up(std::size_t* places, ListChange* change) {
  std::size_t count = weigh(places, change);
  if (count > 0) return count;
  const std::vector<LinkCandidate>& weighed = scratch_.weighed;
  const std::size_t wanted =
      std::clamp<std::size_t>(list_.count / kGivenUpShare, 1, ListChange::kMaxEdits - 1);
  std::size_t unsure = kNone;
  std::size_t heir = kNone;
  for (std::size_t at = weighed.size(); at-- > 1 && count < wanted;) {
    if (is_new(at) && link_.must_stay) continue;
    const Cover cover = find_cover(at);
    if (cover.at == kNone) continue;
    if (is_new(at)) {
      places[0] = list_.count;
      return 1;
    }
    if (cover.leads_there) {
      places[count++] = place_of(at);
      change->give_up_for(weighed[cover.at].node, weighed[at].node);
    } else if (unsure == kNone) {
      unsure = at;
      heir = cover.at;
    }
  }
  if (count == 0 && link_.level > 0) {
    places[0] = place_of(give_up_above(unsure, heir));
    return 1;
  }
  if (count == 0) return give_up_one(unsure, places, change);
  std::sort(places, places + count);
  return count;
}

/// Puts all into scratch.weighed, nearest first. Links that lead nowhere are the first to go: their
/// places, if there are any, and how many.
std::size_t FullList::weigh(std::size_t* places, ListChange* change) {
  std::size_t nowhere = 0;
  std::vector<LinkCandidate>& weighed = scratch_.weighed;
  guarded([&] { weighed.reserve(list_.count + 1); });
  weighed.clear();
  for (std::size_t i = 0; i < list_.count; ++i) scratch_.codes.prefetch(list_.links[i]);
  for (std::size_t i = 0; i < list_.count; ++i) {
    const std::uint8_t* code = scratch_.codes.code_of(list_.links[i]);
    if (code != nullptr) {
      weighed.push_back({0, list_.links[i], code});
    } else if (nowhere < ListChange::kMaxEdits - 1) {
      places[nowhere++] = i;
      change->give_up_for(list_.links[i], kNoNode);
    }
  }
  if (nowhere > 0) return nowhere;
  weighed.push_back(link_.link);
  guarded([&] { scratch_.choice.measure(link_.to.code, weighed); });
  std::sort(weighed.begin(), weighed.end());
  return 0;
}

/// Which of those before it in scratch.weighed covers a neighbor: the nearest to it that leads to
/// it, or else the nearest.
FullList::Cover FullList::find_cover(std::size_t at) {
  const LinkCandidate& covered = scratch_.weighed[at];
  std::vector<float>& distances = scratch_.distances;
  guarded([&] { scratch_.choice.compare(scratch_.weighed, at, distances); });
  Cover nearest{kNone, false};
  for (std::size_t asked = 0; asked < kAsked; ++asked) {
    const auto found = std::min_element(distances.begin(), distances.end());
    if (found == distances.end() || !(*found < covered.distance)) return nearest;
    const auto i = static_cast<std::size_t>(found - distances.begin());
    // The link that is not in the list yet may not come to be in it.
    if (is_new(at) || leads_to(scratch_.weighed[i].node, covered.node)) return {i, true};
    if (nearest.at == kNone) nearest.at = i;
    *found = covered.distance;
  }
  return nearest;
}

bool FullList::leads_to(NodeId from, NodeId to) {
  if (from == kNoNode) return scratch_.will_lead_to(to);
  NodeView& view = scratch_.other_view;
  if (!scratch_.reader.read(from, scratch_.walk.query(), view)) return false;
  if (view.header.state != NodeState::live) return false;  // VACUUM may be about to free it
  std::size_t count = view.header.link_count;
  if (link_.level > 0) {
    count = scratch_.reader.upper_links(from, view.header, link_.level, view.links.data());
  }
  const auto end = view.links.begin() + static_cast<std::ptrdiff_t>(count);
  return std::find(view.links.begin(), end, to) != end;
}

/// One of the farthest, whichever chance picks: where many are equally far, as sparse vectors
/// without an index in common are, it must not always be the newest, to which nothing would lead.
std::size_t FullList::pick_farthest() const {
  const std::vector<LinkCandidate>& weighed = scratch_.weighed;
  const std::size_t last = weighed.size() - 1;
  std::size_t first = last;
  while (first > 0 && weighed[first - 1].distance == weighed[last].distance) --first;
  const ItemPointerData& tid = scratch_.row.tid;
  const std::size_t chance = (ItemPointerGetBlockNumberNoCheck(&tid) +
                              ItemPointerGetOffsetNumberNoCheck(&tid) * 0x10001u) *
                             2654435761u;
  const std::size_t picked = first + chance % (last - first + 1);
  if (!is_new(picked) || !link_.must_stay) return picked;
  return picked > first ? picked - 1 : last - (last == first);
}

/// On the lowest level: one that is covered, or the farthest, which the new node takes over.
std::size_t FullList::give_up_one(std::size_t covered, std::size_t* places, ListChange* change) {
  const std::size_t at = covered != kNone ? covered : pick_farthest();
  const std::vector<LinkCandidate>& weighed = scratch_.weighed;
  const bool is_no_nearer = weighed[at].distance == weighed.back().distance &&
                            link_.link.distance >= weighed[at].distance;
  places[0] = list_.count;
  const bool is_in_vain = covered == kNone && is_no_nearer && !link_.must_stay;
  if (is_new(at) || is_in_vain || !scratch_.may_take_over(link_.must_stay)) return 1;
  change->taken_over = scratch_.weighed[at].node;
  change->give_up_for(scratch_.row.node, change->taken_over);
  guarded([&] { scratch_.taken_over.push_back(change->taken_over); });
  places[0] = place_of(at);
  return 1;
}

/// On an upper level: one that is handed over, or the farthest, which mostly needs no heir.
std::size_t FullList::give_up_above(std::size_t unsure, std::size_t heir) {
  if (unsure != kNone) {
    hand_over(unsure, heir);
    return unsure;
  }
  const std::vector<LinkCandidate>& weighed = scratch_.weighed;
  const std::size_t farthest = pick_farthest();
  const bool leads_elsewhere =
      weighed[farthest].distance > kElsewhere * weighed[weighed.size() / 2].distance;
  if (leads_elsewhere && !is_new(farthest)) hand_over(farthest, is_new(0) ? 1 : 0);
  return farthest;
}

void FullList::hand_over(std::size_t at, std::size_t heir) {
  guarded([&] {
    scratch_.handovers.push_back({scratch_.weighed[heir], scratch_.weighed[at], link_.level, true});
  });
}

bool FullList::is_new(std::size_t at) const {
  return scratch_.weighed[at].node == link_.link.node;
}

/// The place in the list.
std::size_t FullList::place_of(std::size_t at) const {
  return list_.place_of(scratch_.weighed[at].node);
}

}  // namespace dvecdb::extension
