#pragma once

#include "extension/am/inspect/survey.h"

namespace dvecdb::extension {

/// Raises index_corrupted unless all links of live nodes lead to nodes, and few of them astray: to
/// a node that is free or on a lower level than the link, to the node itself, or twice to the same.
/// A number that was given to another node while somebody was about to link to it leaves such,
/// and misleads nobody.
void check_links(PageReader& reader, const Layout& layout, const IndexSurvey& survey);

/// Live nodes that no links on the lowest level lead to from the entry, in order. Some there
/// are: who is far from all others, or short where the inner product counts, is nobody's near
/// neighbor, and the fewer links nodes have the more are left out. Raises index_corrupted if the
/// entry is not there. Memory of the current context.
const std::vector<NodeId>& find_unreachable(PageReader& reader, const Layout& layout,
                                            const MetaData& meta, const IndexSurvey& survey);

/// Raises index_corrupted when more visible rows are unreachable than a sound graph leaves out.
/// Rows that nobody sees do not count: an insertion that was cut short leaves such, until VACUUM.
void check_reachability(Relation table, PageReader& reader, const Layout& layout,
                        const MetaData& meta, const IndexSurvey& survey);

}  // namespace dvecdb::extension
