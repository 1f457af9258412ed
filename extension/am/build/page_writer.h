#pragma once

#include <cstdint>

#include "extension/am/build/graph_pages.h"

extern "C" {
#include <common/relpath.h>
#include <utils/relcache.h>
}

namespace dvecdb::extension {

/// What a new index's first block says while it holds nothing.
MetaData empty_meta(const IndexShape& shape);

/// Writes block 0 of a fork that has no blocks, without WAL.
void write_meta(Relation index, ForkNumber fork, const MetaData& meta);

/// Writes all pages of an index behind its block 0, and what is there now into block 0, without
/// WAL. `threads`, besides this one, prepare pages meanwhile. What it needs is left in the current
/// memory context.
void write_graph(Relation index, const Index& shape, const GraphBuilder& builder, unsigned threads);

}  // namespace dvecdb::extension
