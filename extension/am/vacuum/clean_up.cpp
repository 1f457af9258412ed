#include "extension/am/methods.h"
#include "extension/am/pages/allocate.h"
#include "extension/am/vacuum/page_repair.h"
#include "extension/am/vacuum/reach.h"
#include "extension/am/vacuum/release.h"
#include "extension/am/vacuum/relink.h"
#include "extension/failure_point.h"
#include "extension/memory.h"

extern "C" {
#include <storage/indexfsm.h>
}

namespace dvecdb::extension {
namespace {

constexpr int kTurns = 3;

/// The objects of one clean-up, in a memory context of its own.
struct CleanUp {
  const IndexVacuumInfo* info;
  Index& index;
  Survey survey;
  NodeReader* reader;
  ListRepair* lists;
  PageRepair* pages;
  Reach* reach;
  Relink* relink;
};

void make_objects(CleanUp& all) {
  const MemoryContext memory = CurrentMemoryContext;
  auto* counters = static_cast<ScanCounters*>(palloc0(sizeof(ScanCounters)));
  all.reader = make_owned<NodeReader>(memory, all.info->index, all.index, *counters);
  auto* walk = make_owned<PageWalk>(memory, *all.reader);
  all.lists = make_owned<ListRepair>(memory, *walk, all.survey);
  all.pages = make_owned<PageRepair>(memory, *all.lists, *all.reader, all.survey);
  all.reach = make_owned<Reach>(memory, all.info, all.index.layout());
  all.relink = make_owned<Relink>(memory, *all.reader, *all.lists, *all.reach, all.survey);
}

bool is_there(CleanUp& all, const Survey& survey, NodeId entry) {
  NodeHeader header;
  return entry != kNoNode && !survey.dead.has(entry) && all.reader->header(entry, &header);
}

/// The entry is to be a live node, if there is one.
void repair_entry(CleanUp& all, const Survey& survey) {
  const Relation relation = all.info->index;
  const MetaData meta = read_meta(relation);
  if (is_there(all, survey, meta.entry) || meta.entry == survey.highest) return;
  set_entry(relation, survey.highest, survey.highest_level, meta.entry);
}

/// An insertion that began at the last entry, and has ended since no live node was found, may have
/// left its node where nobody begins.
void look_for_entry_again(CleanUp& all) {
  if (read_meta(all.info->index).entry != kNoNode) return;
  repair_entry(all, survey_nodes(all.info, all.index, false));
}

void repair_pages(CleanUp& all) {
  NodePages pages(all.info, all.index.layout());
  while (pages.next(BUFFER_LOCK_SHARE)) all.pages->repair(pages.buffer(), pages.group());
}

/// Nodes of the survey that the entry did not lead to by live ones.
struct Relinked {
  std::size_t linked;
  std::size_t left;  ///< nobody was there to lead to them
};

/// Links those nodes. Adds the groups of changed lists.
Relinked relink_nodes(CleanUp& all, NodeId entry, Relink::Helpers helpers, NodeSet& changed) {
  const Survey& survey = all.survey;
  Relinked count{0, 0};
  all.reach->begin(entry, survey.live.count());
  for (NodeId node = 0; node < survey.live.count(); ++node) {
    if (!survey.live.has(node) || all.reach->has(node)) continue;
    DVECDB_VACUUM_DELAY();
    if (all.relink->relink(node, helpers, changed)) {
      all.reach->spread(node);
      ++count.linked;
    } else {
      ++count.left;
    }
  }
  return count;
}

/// Before lists are repaired: what only the dead lead to is not to be lost when VACUUM is cut
/// short. False if it could not be done for all, as near to some are none but the dead.
bool relink_before_repair(CleanUp& all) {
  const Survey& survey = all.survey;
  if (survey.dead_nodes == 0 || survey.highest == kNoNode) return true;
  const NodeId entry = read_meta(all.info->index).entry;
  NodeSet changed(survey.groups);  // repair looks at all
  return relink_nodes(all, is_there(all, survey, entry) ? entry : survey.highest,
                      Relink::Helpers::near, changed)
             .left == 0;
}

/// Insertions meanwhile may change what leads where: so once more, if need be.
void relink_all(CleanUp& all, NodeSet& changed) {
  for (int turn = 0; turn < kTurns; ++turn) {
    const NodeId entry = read_meta(all.info->index).entry;
    if (relink_nodes(all, entry, Relink::Helpers::near_or_entry, changed).linked == 0) break;
  }
}

/// Lists get links to the living, which lead to all then, while they still lead to the dead.
void repair_in_part(CleanUp& all) {
  all.lists->keep_ways(true);
  repair_pages(all);
  NodeSet changed(all.survey.groups);  // repair looks at all
  failure_point("vacuum in part");
  relink_all(all, changed);
  all.lists->keep_ways(false);
}

/// At the end; rows get the codes of the new links.
void relink(CleanUp& all) {
  const Layout& layout = all.index.layout();
  const std::uint32_t groups = layout.group_of(all.survey.live.count());
  NodeSet changed(groups);
  relink_all(all, changed);
  NodePages pages(all.info, layout);
  for (std::uint32_t group = 0; group < groups; ++group) {
    if (!changed.has(group)) continue;
    DVECDB_VACUUM_DELAY();
    if (pages.lock_group(group, BUFFER_LOCK_SHARE)) all.pages->repair(pages.buffer(), group);
  }
}

void clean_up_index(const IndexVacuumInfo* info, IndexBulkDeleteResult* stats, bool counts_rows) {
  MetaData meta;
  Index& index = open_index(info->index, &meta);
  CleanUp all{info, index, survey_nodes(info, index, counts_rows), {}, {}, {}, {}, {}};
  make_objects(all);
  if (counts_rows) stats->num_index_tuples = all.survey.rows;
  const bool is_whole = relink_before_repair(all);
  failure_point("vacuum entry");
  repair_entry(all, all.survey);
  look_for_entry_again(all);
  if (!is_whole) repair_in_part(all);
  repair_pages(all);
  failure_point("vacuum release");
  const Released released = release_dead(info, index, all.survey);
  if (released.first_group < all.survey.groups) {
    offer_groups_from(info->index, released.first_group);
  }
  all.survey.live = released.live;
  failure_point("vacuum relink");
  relink(all);
  failure_point("vacuum end");
  stats->pages_free = released.empty_groups * index.layout().group_pages();
}

}  // namespace

/// For the end of a build that has inserted rows one by one.
void link_all_nodes(Relation relation) {
  IndexVacuumInfo info{};
  info.index = relation;
  MetaData meta;
  Index& index = open_index(relation, &meta);
  CleanUp all{&info, index, survey_nodes(&info, index, false), {}, {}, {}, {}, {}};
  make_objects(all);
  relink(all);
}

/// amvacuumcleanup. Repairs what leads to the nodes that delete_rows() has left dead, frees them,
/// and has rows hold the codes of all links. Insertions and scans go on: no page is locked for
/// longer than it takes to copy it or to write to it.
IndexBulkDeleteResult* clean_up(IndexVacuumInfo* info, IndexBulkDeleteResult* stats) {
  if (info->analyze_only) return stats;
  const bool counts_rows = stats == nullptr;
  if (counts_rows) {
    stats = static_cast<IndexBulkDeleteResult*>(palloc0(sizeof(IndexBulkDeleteResult)));
  }
  const MemoryContext memory =
      AllocSetContextCreate(CurrentMemoryContext, "hnsw vacuum", ALLOCSET_DEFAULT_SIZES);
  const MemoryContext before = MemoryContextSwitchTo(memory);
  clean_up_index(info, stats, counts_rows);
  MemoryContextSwitchTo(before);
  MemoryContextDelete(memory);
  IndexFreeSpaceMapVacuum(info->index);
  stats->num_pages = RelationGetNumberOfBlocks(info->index);
  return stats;
}

}  // namespace dvecdb::extension
