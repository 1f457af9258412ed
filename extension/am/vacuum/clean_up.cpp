#include "extension/am/methods.h"
#include "extension/am/pages/allocate.h"
#include "extension/am/vacuum/page_repair.h"
#include "extension/am/vacuum/release.h"
#include "extension/am/vacuum/relink.h"
#include "extension/memory.h"

extern "C" {
#include <storage/indexfsm.h>
}

namespace dvecdb::extension {
namespace {

/// The objects of one clean-up, in a memory context of its own.
struct CleanUp {
  const IndexVacuumInfo* info;
  Index& index;
  Survey survey;
  NodeReader* reader;
  PageRepair* pages;
  Relink* relink;
};

void make_objects(CleanUp& all) {
  const MemoryContext memory = CurrentMemoryContext;
  auto* counters = static_cast<ScanCounters*>(palloc0(sizeof(ScanCounters)));
  all.reader = make_owned<NodeReader>(memory, all.info->index, all.index, *counters);
  auto* walk = make_owned<PageWalk>(memory, *all.reader);
  auto* lists = make_owned<ListRepair>(memory, *walk, all.survey);
  all.pages = make_owned<PageRepair>(memory, *lists, *all.reader, all.survey);
  all.relink = make_owned<Relink>(memory, *all.reader, all.survey);
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

/// Links live nodes that no list leads to.
void relink_nodes(CleanUp& all) {
  const Survey& survey = all.survey;
  NodeSet changed(survey.groups);
  for (NodeId node = 0; node < survey.live.count(); ++node) {
    if (!survey.live.has(node) || survey.linked.has(node)) continue;
    DVECDB_VACUUM_DELAY();
    const std::uint32_t group = all.relink->relink(node);
    if (group != Relink::kNoGroup) changed.add(group);
  }
  NodePages pages(all.info, all.index.layout());
  for (std::uint32_t group = 0; group < survey.groups; ++group) {
    if (!changed.has(group)) continue;
    DVECDB_VACUUM_DELAY();
    if (pages.lock_group(group, BUFFER_LOCK_SHARE)) all.pages->repair(pages.buffer(), group);
  }
}

void clean_up_index(const IndexVacuumInfo* info, IndexBulkDeleteResult* stats, bool counts_rows) {
  MetaData meta;
  Index& index = open_index(info->index, &meta);
  CleanUp all{info, index, survey_nodes(info, index, counts_rows), {}, {}, {}};
  make_objects(all);
  if (counts_rows) stats->num_index_tuples = all.survey.rows;
  repair_entry(info->index, all.survey);
  look_for_entry_again(info, index);
  repair_pages(all);
  relink_nodes(all);
  const Released released = release_dead(info, index, all.survey);
  if (released.first_group < all.survey.groups) {
    offer_groups_from(info->index, released.first_group);
  }
  stats->pages_free = released.empty_groups * index.layout().group_pages();
}

}  // namespace

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
