#pragma once

#include "extension/am/inspect/survey.h"

namespace dvecdb::extension {

/// Raises index_corrupted unless all links of all nodes lead to other nodes, no two of a list to
/// the same, and few of them astray: to a node that is free, or is on a lower level than its link
/// (what was there has been given up, or replaced, and nobody has come to repair the list yet).
void check_links(PageReader& reader, const Layout& layout, const IndexSurvey& survey);

/// Raises index_corrupted if a live node with a visible row cannot be reached from the entry on
/// the lowest level. Nodes of rows that nobody sees do not count: an insertion that was cut short
/// leaves such, until VACUUM.
void check_reachability(Relation table, PageReader& reader, const Layout& layout,
                        const MetaData& meta, IndexSurvey& survey);

}  // namespace dvecdb::extension
