#include <algorithm>

#include "extension/am/inspect/heap_rows.h"
#include "extension/am/inspect/inspected.h"
#include "extension/am/inspect/links.h"
#include "extension/guard.h"
#include "extension/memory.h"

namespace dvecdb::extension {
namespace {

/// The nodes that were reached, and those of them whose links were not followed yet; then those
/// that were not reached. Owns memory.
struct Reached {
  std::vector<std::uint8_t> marks;  // by node
  std::vector<NodeId> frontier;
  std::vector<NodeId> next;
  std::vector<NodeId> unreachable;
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

const std::vector<NodeId>& find_unreachable(PageReader& reader, const Layout& layout,
                                            const MetaData& meta, const IndexSurvey& survey) {
  auto* reached = make_owned<Reached>(CurrentMemoryContext);
  Search(reader, layout, survey, *reached).run(meta.entry);
  guarded([&] {
    for (NodeId node = 0; node < survey.states.size(); ++node) {
      const bool is_live = survey.is_node(node) && survey.state(node) == NodeState::live;
      if (is_live && reached->marks[node] == 0) {
        reached->unreachable.push_back(node);
      }
    }
  });
  return reached->unreachable;
}

void check_reachability(Relation table, PageReader& reader, const Layout& layout,
                        const MetaData& meta, const IndexSurvey& survey) {
  check_entry(reader.index(), meta, survey);
  const std::vector<NodeId>& unreachable = find_unreachable(reader, layout, meta, survey);
  VisibleRows visible(table);
  std::size_t lost = 0;
  const RowOfNode* example = nullptr;
  for (const RowOfNode& row : survey.rows) {
    const bool is_lost = std::binary_search(unreachable.begin(), unreachable.end(), row.node);
    if (is_lost && visible.contains(row.tid)) {
      ++lost;
      example = &row;
    }
  }
  visible.close();
  if (lost > 0) {
    raise_damaged(reader.index(),
                  "No links lead to the nodes of %zu rows, of %zu; one of them is node %u of row "
                  "(%u,%u).",
                  lost, survey.rows.size(), example->node, block_of(example->tid),
                  offset_of(example->tid));
  }
}

}  // namespace dvecdb::extension
