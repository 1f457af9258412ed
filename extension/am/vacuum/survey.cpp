#include "extension/am/vacuum/survey.h"

#include "extension/am/vacuum/tid_chain.h"
#include "extension/memory.h"

namespace dvecdb::extension {
namespace {

struct Chains {
  NodeId nodes[kMaxNodesOfPage];
  ItemPointerData first[kMaxNodesOfPage];
  std::size_t count;
};

void survey_live(NodeId node, NodeHeader* header, Survey* out) {
  out->live.add(node);
  out->codes.put(node, header);
  out->rows += ItemPointerIsValid(&header->tid) ? 1 : 0;
  if (out->highest == kNoNode || header->level > out->highest_level) {
    out->highest = node;
    out->highest_level = header->level;
  }
}

void survey_page(const NodePages& pages, const Layout& layout, Survey* out, Chains* chains) {
  chains->count = 0;
  for (std::uint32_t place = 0; place < layout.nodes_per_group(); ++place) {
    NodeHeader* header = layout.header(pages.page(), place);
    const NodeId node = layout.node_of(pages.group(), place);
    switch (header->state) {
      case NodeState::free:
        out->free.add(node);
        break;
      case NodeState::dead:
        if (ItemPointerIsValid(&header->tid)) break;  // an insertion has taken it
        out->dead.add(node);
        ++out->dead_nodes;
        break;
      case NodeState::live:
        survey_live(node, header, out);
        if (!ItemPointerIsValid(&header->more)) break;
        chains->nodes[chains->count] = node;
        chains->first[chains->count++] = header->more;
        break;
    }
  }
}

}  // namespace

Survey survey_nodes(const IndexVacuumInfo* info, const Index& index, bool counts_rows) {
  const Layout& layout = index.layout();
  NodePages pages(info, layout);
  Survey out;
  out.groups = pages.groups();
  const NodeId nodes = layout.node_of(out.groups, 0);
  out.codes = CodeTable(index, nodes);
  out.live = NodeSet(nodes);
  out.dead = NodeSet(nodes);
  out.free = NodeSet(nodes);
  auto* chains = allocate<Chains>(1);
  while (pages.next(BUFFER_LOCK_SHARE)) {
    survey_page(pages, layout, &out, chains);
    pages.unlock();
    for (std::size_t i = 0; counts_rows && i < chains->count; ++i) {
      const std::size_t rows = count_chain(info->index, chains->first[i], chains->nodes[i]);
      out.rows += static_cast<double>(rows);
    }
  }
  pfree(chains);
  return out;
}

}  // namespace dvecdb::extension
