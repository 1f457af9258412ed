#pragma once

#include "extension/am/insert/insert_scratch.h"

namespace dvecdb::extension {

/// Has the neighbors in scratch.levels lead back to the new row's node: those in directions of
/// their own, and m / 2 at least. (If m of them do, recall is at most 0.3 percent points better,
/// for a fifth more of the log and a third more pages to be changed.) The caller holds no lock on
/// any page of the index. False if no live node leads there on the lowest level then: those chosen
/// have died meanwhile.
bool link_back(InsertScratch& scratch);

/// Has the new row's node, which is written, lead to another on the lowest level; false if its list
/// has no place for it. The caller holds no lock on any page of the index.
bool lead_to(InsertScratch& scratch, NodeId node);

}  // namespace dvecdb::extension
