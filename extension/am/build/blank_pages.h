#pragma once

#include "extension/am/pages/format.h"

namespace dvecdb::extension {

/// Pages of each kind with nothing on them, for threads, which must not call PostgreSQL, to copy.
struct BlankPages {
  PGAlignedBlock node;
  PGAlignedBlock row;
  PGAlignedBlock vector;
  PGAlignedBlock item;
};

/// In the current memory context. Calls PostgreSQL.
const BlankPages* make_blank_pages();

}  // namespace dvecdb::extension
