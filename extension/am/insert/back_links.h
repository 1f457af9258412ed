#pragma once

#include "extension/am/insert/insert_scratch.h"

namespace dvecdb::extension {

/// Has the neighbors in scratch.levels lead back to the new row's node: those in directions of
/// their own, and m at least on the lowest level. The others would mostly give the link up again.
/// The caller holds no lock on any page of the index.
void link_back(InsertScratch& scratch);

}  // namespace dvecdb::extension
