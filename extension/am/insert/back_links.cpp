#include "extension/am/insert/back_links.h"

#include <algorithm>
#include <cstring>

#include "extension/am/insert/list_change.h"
#include "extension/am/insert/lowest_links.h"
#include "extension/am/pages/items.h"
#include "extension/guard.h"

extern "C" {
#include <storage/bufmgr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// A list that others keep changing is left to them after so many attempts.
constexpr int kAttempts = 4;

/// After so many links that moved on, for one row, they are let go: where codes are equal or not
/// exact it could go on and on.
constexpr std::size_t kMaxHandovers = 9;

/// A link on an upper level.
class UpperLink {
 public:
  /// `is_chosen`: as in PlannedLink.
  UpperLink(InsertScratch& scratch, const NewLink& link, bool is_chosen)
      : scratch_(scratch), link_(link), is_chosen_(is_chosen) {}

  void write() {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      CHECK_FOR_INTERRUPTS();
      ListChange change;
      if (!plan(&change) || apply(change)) return;
    }
  }

 private:
  bool plan(ListChange* change) {
    NodeView& view = scratch_.view;
    const LinkCandidate& to = link_.to;
    if (!scratch_.reader.read(to.node, scratch_.walk.query(), view)) return false;
    const bool is_another = is_chosen_ && view.distance != to.distance;
    if (is_another || view.header.level < link_.level) return false;
    item_ = view.header.upper;
    const std::size_t m = scratch_.index.shape().m;
    count_ = scratch_.reader.upper_links(to.node, view.header, link_.level, links_.data());
    std::fill(links_.begin() + static_cast<std::ptrdiff_t>(count_),
              links_.begin() + static_cast<std::ptrdiff_t>(m), kNoNode);
    const SeenList list{links_.data(), count_, m, nullptr};
    return plan_link(scratch_, list, link_, change);
  }

  /// False if the list is another by now.
  bool apply(const ListChange& change) {
    if (!ItemPointerIsValid(&item_)) return true;
    const std::size_t m = scratch_.index.shape().m;
    std::array<NodeId, kMaxLinks> links = links_;
    for (std::size_t i = 0; i < change.edit_count; ++i) {
      links[change.edits[i].place] = change.edits[i].node;
    }
    for (std::size_t i = change.new_count; i < m; ++i) links[i] = kNoNode;

    const Buffer buffer = scratch_.index.pin(scratch_.relation, ItemPointerGetBlockNumber(&item_));
    LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
    std::size_t bytes;
    const std::uint8_t* item = item_bytes(BufferGetPage(buffer), ItemPointerGetOffsetNumber(&item_),
                                          link_.to.node, ItemKind::links, &bytes);
    const std::size_t from = (link_.level - 1) * m * sizeof(NodeId);
    const bool is_there = item != nullptr && from + m * sizeof(NodeId) <= bytes;
    const bool is_as_seen =
        is_there && std::memcmp(item + from, links_.data(), m * sizeof(NodeId)) == 0;
    if (is_as_seen) {
      scratch_.patch.begin(scratch_.relation);
      scratch_.patch.add_page(buffer);
      for (std::size_t i = 0; i < m; ++i) {
        if (links[i] == links_[i]) continue;
        scratch_.patch.write(item + from + i * sizeof(NodeId), &links[i], sizeof(NodeId));
      }
      scratch_.patch.finish();
    }
    UnlockReleaseBuffer(buffer);
    return is_as_seen;
  }

  InsertScratch& scratch_;
  const NewLink& link_;
  bool is_chosen_;
  ItemPointerData item_;
  std::size_t count_ = 0;
  std::array<NodeId, kMaxLinks> links_;
};

/// The links from the chosen neighbors on a level, into scratch.new_links.
void make_new_links(InsertScratch& scratch, std::size_t at) {
  const LevelLinks& level = scratch.levels[at];
  const std::size_t least = scratch.index.shape().m / 2;
  const std::size_t count = std::min(level.chosen.size(), std::max(least, level.directions));
  const NewRow& row = scratch.row;
  guarded([&] { scratch.new_links.resize(count); });
  for (std::size_t i = 0; i < count; ++i) {
    const LinkCandidate back{level.chosen[i].distance, row.node, row.code};
    scratch.new_links[i] = {level.chosen[i], back, static_cast<std::uint32_t>(at), i == 0};
  }
}

/// The nearest has died meanwhile: then any other of those planned first.
bool link_to_any(InsertScratch& scratch) {
  for (NewLink& link : scratch.new_links) {
    link.must_stay = true;
    link.link.node = scratch.row.node;
  }
  return std::any_of(scratch.new_links.begin(), scratch.new_links.end(),
                     [&](const NewLink& link) { return LowestLinks(scratch).write(&link, 1); });
}

void add_upper_links(InsertScratch& scratch) {
  for (std::size_t at = 1; at < scratch.levels.size(); ++at) {
    make_new_links(scratch, at);
    for (const NewLink& link : scratch.new_links) UpperLink(scratch, link, true).write();
  }
}

}  // namespace

void plan_links_back(InsertScratch& scratch) {
  scratch.handovers.clear();
  make_new_links(scratch, 0);
  LowestLinks(scratch).plan_ahead(scratch.new_links);
}

bool link_back_again(InsertScratch& scratch) {
  make_new_links(scratch, 0);
  const std::vector<NewLink>& links = scratch.new_links;
  return LowestLinks(scratch).write(links.data(), links.size()) || link_to_any(scratch);
}

bool link_back(InsertScratch& scratch) {
  const bool is_linked = LowestLinks(scratch).write_planned() || link_to_any(scratch);
  add_upper_links(scratch);
  for (std::size_t i = 0; i < std::min(scratch.handovers.size(), kMaxHandovers); ++i) {
    const NewLink link = scratch.handovers[i];
    UpperLink(scratch, link, false).write();
  }
  return is_linked;
}

}  // namespace dvecdb::extension
