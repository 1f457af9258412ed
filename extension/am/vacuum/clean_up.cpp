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
  PageRepair* pages;
  Reach* reach;
  Relink* relink;
};

void make_objects(CleanUp& all) {
  const MemoryContext memory = CurrentMemoryContext;
  auto* counters = static_cast<ScanCounters*>(palloc0(sizeof(ScanCounters)));
  all.reader = make_owned<NodeReader>(memory, all.info->index, all.index, *counters);
  auto* walk = make_owned<PageWalk>(memory, *all.reader);
  auto* lists = make_owned<ListRepair>(memory, *walk, all.survey);
  all.pages = make_owned<PageRepair>(memory, *lists, *all.reader, all.survey);
  all.reach = make_owned<Reach>(memory, all.info, all.index.layout());
  all.relink = make_owned<Relink>(memory, *all.reader, *lists, *all.reach, all.survey);
}

/// The entry is to be a live node, if there is one.
void repair_entry(Relation relation, const Survey& survey) {
  const MetaData meta = read_meta(relation);
  const bool is_there =
      meta.entry != kNoNode && !survey.dead.has(meta.entry) && !survey.free.has(meta.entry);
  if (is_there || meta.entry == survey.highest) return;
  set_entry(relation, survey.highest, survey.highest_level, meta.entry);
}

/// An insertion that began at the last entry, and has ended since no live node was found, may have
/// left its node where nobody begins.
void look_for_entry_again(const IndexVacuumInfo* info, const Index& index) {
  if (read_meta(info->index).entry != kNoNode) return;
  repair_entry(info->index, survey_nodes(info, index, false));
}

void repair_pages(CleanUp& all) {
  NodePages pages(all.info, all.index.layout());
  while (pages.next(BUFFER_LOCK_SHARE)) all.pages->repair(pages.buffer(), pages.group());
}

/// Links live nodes that the entry does not lead to; how many. Adds the groups of changed lists.
std::size_t relink_nodes(CleanUp& all, NodeSet& changed) {
  const Survey& survey = all.survey;
  std::size_t count = 0;
  all.reach->begin(read_meta(all.info->index).entry, survey.groups);
  for (NodeId node = 0; node < survey.live.count(); ++node) {
    if (!survey.live.has(node) || all.reach->has(node)) continue;
    DVECDB_VACUUM_DELAY();
    if (!all.relink->relink(node, changed)) continue;
    all.reach->spread(node);
    ++count;
  }
  return count;
}

/// Insertions meanwhile may change what leads where: so once more, if need be. Then rows get the
/// codes of the new links.
void relink(CleanUp& all) {
  NodeSet changed(all.survey.groups);
  for (int turn = 0; turn < kTurns && relink_nodes(all, changed) > 0; ++turn) {
  }
  NodePages pages(all.info, all.index.layout());
  for (std::uint32_t group = 0; group < all.survey.groups; ++group) {
    if (!changed.has(group)) continue;
    DVECDB_VACUUM_DELAY();
    if (pages.lock_group(group, BUFFER_LOCK_SHARE)) all.pages->repair(pages.buffer(), group);
  }
}

void clean_up_index(const IndexVacuumInfo* info, IndexBulkDeleteResult* stats, bool counts_rows) {
  MetaData meta;
  Index& index = open_index(info->index, &meta);
  CleanUp all{info, index, survey_nodes(info, index, counts_rows), {}, {}, {}, {}};
  make_objects(all);
  if (counts_rows) stats->num_index_tuples = all.survey.rows;
  failure_point("vacuum entry");
  repair_entry(info->index, all.survey);
  look_for_entry_again(info, index);
  repair_pages(all);
  failure_point("vacuum release");
  const Released released = release_dead(info, index, all.survey);
  if (released.first_group < all.survey.groups) {
    offer_groups_from(info->index, released.first_group);
  }
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
  CleanUp all{&info, index, survey_nodes(&info, index, false), {}, {}, {}, {}};
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
