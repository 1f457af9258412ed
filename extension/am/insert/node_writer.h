#pragma once

#include "extension/am/insert/insert_scratch.h"

namespace dvecdb::extension {

/// Writes the new row's node, with the links of scratch.levels, into a free slot; returns its
/// number. The caller holds no lock on any page of the index.
NodeId write_node(InsertScratch& scratch);

}  // namespace dvecdb::extension
