#pragma once

#include "extension/am/insert/insert_scratch.h"

namespace dvecdb::extension {

/// If one of the nodes met by the walk is one that the index cannot tell from the new row, the row
/// is added to its rows. False if there is none.
bool add_to_equal(InsertScratch& scratch);

}  // namespace dvecdb::extension
