#pragma once

#include "extension/am/insert/insert_scratch.h"

namespace dvecdb::extension {

// The neighbors in scratch.levels are to lead back to the new row's node: those in directions of
// their own, and m / 2 at least. (If m of them do, recall is at most 0.3 percent points better,
// for a fifth more of the log and a third more pages to be changed. If fewer do, or those alone
// that lie in a few pages, recall is worse.) The caller holds no lock on any page of the index.

/// What that changes on the lowest level, before the node is written: LowestLinks::plan_ahead().
void plan_links_back(InsertScratch& scratch);

/// Writes that, and the links on upper levels. False if no live node leads to the new one on the
/// lowest level then: those chosen have died meanwhile.
bool link_back(InsertScratch& scratch);

/// For a node that is written and has got other neighbors since, on the lowest level.
bool link_back_again(InsertScratch& scratch);

}  // namespace dvecdb::extension
