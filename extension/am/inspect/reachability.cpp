#include <algorithm>

#include "extension/am/inspect/heap_rows.h"
#include "extension/am/inspect/inspected.h"
#include "extension/am/inspect/links.h"
#include "extension/guard.h"
#include "extension/memory.h"

namespace dvecdb::extension {
namespace {

/// The nodes that were reached, and those of them whose links were not followed yet. Owns memory.
struct Reached {
  std::vector<std::uint8_t> marks;  // by node
  std::vector<NodeId> frontier;
  std::vector<NodeId> next;
};

/// Breadth first, each step in the order of pages, so that each page is read few times.
class Search {
 public:
  Search(PageReader& reader, const Layout& layout, const IndexSurvey& survey, Reached& reached)
      : reader_(reader), layout_(layout), survey_(survey), reached_(reached) {}

  void run(NodeId entry) {
    guarded([&] { reached_.marks.assign(survey_.states.size(), 0); });
    reach(entry);
    while (!reached_.next.empty()) {
      reached_.frontier.swap(reached_.next);
      reached_.next.clear();
      std::sort(reached_.frontier.begin(), reached_.frontier.end());
      follow_frontier();
    }
  }

 private:
  void follow_frontier() {
    Page page = nullptr;
    std::uint32_t group_of_page = 0;
    for (const NodeId node : reached_.frontier) {
      const std::uint32_t group = layout_.group_of(node);
      if (page == nullptr || group != group_of_page) {
        page = reader_.read(layout_.first_block(group));
        group_of_page = group;
      }
      NodeHeader* header = layout_.header(page, layout_.place_of(node));
      const NodeId* links = layout_.links(header);
      std::for_each_n(links, std::min<std::uint32_t>(header->link_count, layout_.max_links()),
                      [&](NodeId link) { reach(link); });
    }
  }

  void reach(NodeId node) {
    const bool is_new = survey_.is_node(node) && survey_.state(node) != NodeState::free &&
                        reached_.marks[node] == 0;
    if (is_new) {
      reached_.marks[node] = 1;
      guarded([&] { reached_.next.push_back(node); });
    }
  }

  PageReader& reader_;
  const Layout& layout_;
  const IndexSurvey& survey_;
  Reached& reached_;
};

void check_entry(Relation index, const MetaData& meta, const IndexSurvey& survey) {
  if (meta.entry == kNoNode) {
    return;  // nobody has come to the end of the first insertion yet
  }
  if (!survey.is_node(meta.entry) || survey.state(meta.entry) == NodeState::free) {
    raise_damaged(index, "The entry, node %u, is not there.", meta.entry);
  }
  if (survey.levels[meta.entry] != meta.entry_level) {
    raise_damaged(index, "The entry, node %u, is on level %u, and should be on level %u.",
                  meta.entry, survey.levels[meta.entry], meta.entry_level);
  }
}

}  // namespace

void check_reachability(Relation table, PageReader& reader, const Layout& layout,
                        const MetaData& meta, IndexSurvey& survey) {
  check_entry(reader.index(), meta, survey);
  auto* reached = make_owned<Reached>(CurrentMemoryContext);
  Search(reader, layout, survey, *reached).run(meta.entry);
  VisibleRows visible(table);
  std::uint64_t lost = 0;
  const RowOfNode* example = nullptr;
  for (const RowOfNode& row : survey.rows) {
    if (reached->marks[row.node] == 0 && visible.contains(row.tid)) {
      ++lost;
      example = &row;
    }
  }
  visible.close();
  if (lost > 0) {
    raise_damaged(reader.index(),
                  "No links lead to the nodes of " UINT64_FORMAT
                  " rows; one of them is node %u of row (%u,%u).",
                  lost, example->node, block_of(example->tid), offset_of(example->tid));
  }
}

}  // namespace dvecdb::extension
