#pragma once

#include "extension/postgres.h"

extern "C" {
#include <access/relscan.h>
#include <storage/itemptr.h>
}

namespace dvecdb::extension {

/// Pins the page of a row for a fetch of it to come, in place of the page that the fetch had last.
/// PostgreSQL would look the page up in its table of all buffers; searches come back to the same
/// pages, which are mostly where they were (likely_buffers.h). Nothing is done for tables that are
/// no heaps, or in this process's own memory.
void bring_page(IndexFetchTableData* fetch, const ItemPointerData& tid);

/// Has the processor fetch what bring_page() and PostgreSQL look at first, if it is known where the
/// page was last. Where pages had to be read lately, has the system read this one meanwhile,
/// unless effective_io_concurrency is 0.
void prefetch_page(Relation heap, const ItemPointerData& tid);

/// Has it fetch the row's beginning. Once prefetch_page() has come to its end; may read what
/// another process writes, and then fetches something else.
void prefetch_row(Relation heap, const ItemPointerData& tid);

}  // namespace dvecdb::extension
