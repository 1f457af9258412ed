#include <algorithm>
#include <cfloat>
#include <cmath>

#include "extension/am/insert/back_links.h"
#include "extension/am/insert/equal_rows.h"
#include "extension/am/insert/insert.h"
#include "extension/am/insert/lowest_links.h"
#include "extension/am/insert/node_writer.h"
#include "extension/am/pages/allocate.h"
#include "extension/failure_point.h"
#include "extension/memory.h"

extern "C" {
#include <common/pg_prng.h>
#include <storage/lmgr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// A new node's neighbors are chosen from so many of the nearest, for each place in its list.
constexpr std::size_t kConsidered = 4;

/// This part of the list of a new node is left to what others give up for it, and to those that
/// will link to it later.
constexpr std::size_t kFreeShare = 4;

/// One at least: FullList.
constexpr std::size_t free_places(std::size_t capacity) {
  return std::max<std::size_t>(1, capacity / kFreeShare);
}

/// The block whose heavyweight lock the first node of an index is inserted under.
constexpr BlockNumber kMetaBlock = 0;

/// Levels as HNSW draws them, with m_L = 1 / ln(m). The links of all must fit into one item.
std::uint32_t draw_level(std::size_t m) {
  const double uniform = 1.0 - pg_prng_double(&pg_global_prng_state);  // never 0
  const double level = -std::log(uniform) / std::log(static_cast<double>(m));
  const std::size_t most = std::min<std::size_t>(kItemBytes / (m * sizeof(NodeId)), 30);
  return static_cast<std::uint32_t>(std::min(level, static_cast<double>(most)));
}

void encode(InsertScratch& scratch, const Value& value) {
  const Index& index = scratch.index;
  const std::size_t fixed = index.codes().code_bytes();
  NewRow& row = scratch.row;
  row.code_bytes = fixed > 0 ? fixed : stored_bytes(index.shape().element, value);
  auto* code = static_cast<std::uint8_t*>(palloc(row.code_bytes));
  guarded([&] {
    index.codes().encode(value, code, scratch.walk.query());
    index.codes().prepare(value, scratch.walk.query());
  });
  row.code = code;
}

/// Puts those that the walk has met on a level into scratch.candidates: those that are live, or if
/// there are none, the dead, through which the node can be found until VACUUM repairs the lists.
void collect_candidates(InsertScratch& scratch, std::uint32_t level, NodeState state) {
  const bool has_codes = scratch.index.codes().code_bytes() > 0;
  const std::vector<Met>& met = scratch.walk.met();
  std::vector<LinkCandidate>& candidates = scratch.candidates;
  guarded([&] { candidates.reserve(met.size()); });
  candidates.clear();
  for (std::size_t i = 0; i < met.size(); ++i) {
    const bool is_other = met[i].node != scratch.row.node;
    if (!is_other || met[i].state != state || met[i].level < level) continue;
    candidates.push_back(
        {met[i].distance, met[i].node, has_codes ? scratch.walk.met_code(i) : nullptr});
  }
}

/// Whether they are live.
bool choose_neighbors(InsertScratch& scratch, std::uint32_t level) {
  std::vector<LinkCandidate>& candidates = scratch.candidates;
  collect_candidates(scratch, level, NodeState::live);
  const bool are_live = !candidates.empty();
  if (!are_live) collect_candidates(scratch, level, NodeState::dead);
  std::sort(candidates.begin(), candidates.end());
  const std::size_t m = scratch.index.shape().m;
  const std::size_t capacity = level == 0 ? 2 * m : m;
  if (candidates.size() > kConsidered * capacity) candidates.resize(kConsidered * capacity);
  for (LinkCandidate& one : candidates) {
    if (one.code == nullptr) {
      one.code = scratch.codes.code_of(one.node);
    } else if (level > 0) {
      one.code = scratch.codes.copy(one.code);  // the next walk overwrites it
    }
    if (level == 0) scratch.codes.add(one.node, one.code);
  }
  std::erase_if(candidates, [](const LinkCandidate& one) { return one.code == nullptr; });
  guarded([&] {
    LevelLinks& out = scratch.levels[level];
    out.chosen.clear();
    out.directions =
        scratch.choice.choose(candidates, capacity - free_places(capacity), out.chosen);
  });
  return are_live;
}

core::Candidate nearest_met(const std::vector<Met>& met) {
  const auto nearest = std::min_element(met.begin(), met.end());
  if (nearest == met.end()) return {FLT_MAX, kNoNode};
  return {nearest->distance, nearest->node};
}

enum class Found { neighbors, equal_node, nothing };

/// Walks on a level. What neighbors are chosen from need not hold all of the nearest.
void walk_level(InsertScratch& scratch, core::Candidate start, std::uint32_t level) {
  const std::size_t ef = scratch.index.shape().ef_construction;
  scratch.walk.begin(ef, start, false);
  scratch.walk.run(level, {ef / 2, ef / 8 + 1});
  scratch.walk.meet_unexpanded();
}

/// Else it began at a slot that was freed, or is another insertion's by now, or all are dead.
bool has_met_live(PageWalk& walk) {
  const std::vector<Met>& met = walk.met();
  return std::any_of(met.begin(), met.end(),
                     [](const Met& one) { return one.state == NodeState::live; });
}

/// Walks from the entry down, and chooses neighbors on each level that the node and the graph have.
/// Nothing is found when the entry is not there.
Found find_neighbors(InsertScratch& scratch, const MetaData& meta) {
  PageWalk& walk = scratch.walk;
  const std::uint32_t top = std::min(scratch.row.level, meta.entry_level);
  guarded([&] { scratch.levels.resize(top + 1); });
  core::Candidate start = walk.descend(meta.entry, meta.entry_level, top + 1);
  for (std::uint32_t level = top;; --level) {
    walk_level(scratch, start, level);
    if (!has_met_live(walk)) {  // where the way down ended, the node has been freed meanwhile
      if (!scratch.reader.read(meta.entry, walk.query(), scratch.view)) return Found::nothing;
      walk_level(scratch, {scratch.view.distance, meta.entry}, level);
    }
    start = nearest_met(walk.met());
    if (level == 0 && add_to_equal(scratch)) return Found::equal_node;
    choose_neighbors(scratch, level);
    if (level == 0) return Found::neighbors;
  }
}

/// Makes the row's node the first of an index whose entry is not there. False if meanwhile there is
/// one.
bool insert_first(InsertScratch& scratch, NodeId missing_entry) {
  Relation relation = scratch.relation;
  LockPage(relation, kMetaBlock, ExclusiveLock);
  const NodeId entry = read_meta(relation).entry;
  const bool is_first =
      entry == missing_entry &&
      (entry == kNoNode || !scratch.reader.read(entry, scratch.walk.query(), scratch.view));
  if (is_first) {
    scratch.levels.clear();
    scratch.row.level = 0;
    set_entry(relation, write_node(scratch), 0, entry);
  }
  UnlockPage(relation, kMetaBlock, ExclusiveLock);
  return is_first;
}

void note_own_links(InsertScratch& scratch) {
  const std::vector<LinkCandidate>& chosen = scratch.levels[0].chosen;
  guarded([&] {
    scratch.own_links.clear();
    for (const LinkCandidate& one : chosen) scratch.own_links.push_back(one.node);
  });
}

/// After so many searches VACUUM is left to see to it that a node is reached.
constexpr int kSearches = 16;

/// All that were to lead to the row's node have died since they were chosen: others are to. What
/// the entry leads to is reached: upper levels may lead to a node that looks for others itself.
/// Where all are dead, VACUUM sees to it that the node is reached.
void link_to_others(InsertScratch& scratch) {
  LowestLinks(scratch).forget_gone();
  bool is_linked = false;
  for (int search = 0; search < kSearches && !is_linked; ++search) {
    CHECK_FOR_INTERRUPTS();
    scratch.codes.clear();
    const MetaData meta = read_meta(scratch.relation);
    const bool has_entry = meta.entry != kNoNode &&
                           scratch.reader.read(meta.entry, scratch.walk.query(), scratch.view);
    if (!has_entry) {
      is_linked = set_entry(scratch.relation, scratch.row.node, scratch.row.level, meta.entry);
      continue;
    }
    guarded([&] { scratch.levels.resize(1); });
    walk_level(scratch, {scratch.view.distance, meta.entry}, 0);
    if (!choose_neighbors(scratch, 0)) return;
    for (const LinkCandidate& one : scratch.levels[0].chosen) {
      LowestLinks(scratch).lead_to(one.node);
    }
    is_linked = link_back_again(scratch);
  }
}

/// The node is to be the entry: it must lead to all that the entry before it leads to.
void lead_to_entry(InsertScratch& scratch, NodeId entry) {
  std::vector<LinkCandidate>& chosen = scratch.levels[0].chosen;
  const auto is_entry = [entry](const LinkCandidate& one) { return one.node == entry; };
  if (std::any_of(chosen.begin(), chosen.end(), is_entry)) return;
  const std::uint8_t* code = scratch.codes.code_of(entry);
  if (code == nullptr) return;
  const bool is_full =
      chosen.size() + free_places(2 * scratch.index.shape().m) > scratch.index.layout().max_links();
  guarded([&] {
    if (is_full) chosen.pop_back();
    chosen.push_back({FLT_MAX, entry, code});
  });
}

/// If it is another one by now, the node must lead to that: what the one before it led to may not
/// be reached from there, if VACUUM has replaced it. A node without a place for it stays what it
/// is.
void become_entry(InsertScratch& scratch, NodeId before) {
  failure_point("insert entry");
  const NewRow& row = scratch.row;
  for (NodeId entry = before; !set_entry(scratch.relation, row.node, row.level, entry);) {
    const MetaData meta = read_meta(scratch.relation);
    if (meta.entry != kNoNode && row.level <= meta.entry_level) return;
    if (meta.entry != kNoNode && !LowestLinks(scratch).lead_to(meta.entry)) return;
    entry = meta.entry;
  }
}

void insert_encoded(InsertScratch& scratch) {
  for (;;) {
    CHECK_FOR_INTERRUPTS();
    const MetaData meta = read_meta(scratch.relation);
    const Found found = meta.entry == kNoNode ? Found::nothing : find_neighbors(scratch, meta);
    if (found == Found::equal_node) return;
    if (found == Found::nothing) {
      if (insert_first(scratch, meta.entry)) return;
      continue;
    }
    if (scratch.row.level > meta.entry_level) lead_to_entry(scratch, meta.entry);
    plan_links_back(scratch);
    failure_point("insert node");
    scratch.row.node = write_node(scratch);
    note_own_links(scratch);
    if (!link_back(scratch)) link_to_others(scratch);
    if (scratch.row.level > meta.entry_level) become_entry(scratch, meta.entry);
    return;
  }
}

}  // namespace

InsertScratch* make_insert_scratch(MemoryContext context, Relation relation, Index& index) {
  const MemoryContext row_memory =
      AllocSetContextCreate(context, "hnsw insertion", ALLOCSET_DEFAULT_SIZES);
  auto* scratch = make_owned<InsertScratch>(context, relation, index, row_memory);
  scratch->walk.keep_codes();
  return scratch;
}

void insert_value(InsertScratch& scratch, const Value& value, ItemPointerData tid) {
  const MemoryContext before = MemoryContextSwitchTo(scratch.row_memory);
  scratch.row.value = value;
  scratch.row.tid = tid;
  scratch.row.node = kNoNode;
  scratch.row.level = draw_level(scratch.index.shape().m);
  scratch.codes.clear();
  encode(scratch, value);
  insert_encoded(scratch);
  MemoryContextSwitchTo(before);
  MemoryContextReset(scratch.row_memory);
}

}  // namespace dvecdb::extension
