#pragma once

#include "extension/am/vacuum/code_table.h"
#include "extension/am/vacuum/node_pages.h"
#include "extension/am/vacuum/node_set.h"

namespace dvecdb::extension {

/// What nodes an index has. Sets of a bit a node, three of them: 400 kB for a million nodes. Nodes
/// that come after it are in none. Its memory is of the context in which it was made.
struct Survey {
  CodeTable codes;  ///< of live nodes
  NodeSet live;
  NodeSet dead;
  NodeSet free;  ///< was; may have been taken since
  std::uint32_t groups = 0;
  double rows = 0;
  double dead_nodes = 0;
  NodeId highest = kNoNode;  ///< a live node of the highest level
  std::uint32_t highest_level = 0;
};

/// Looks through all nodes; counts rows if `counts_rows`.
Survey survey_nodes(const IndexVacuumInfo* info, const Index& index, bool counts_rows);

}  // namespace dvecdb::extension
