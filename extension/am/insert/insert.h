#pragma once

#include "extension/am/codes/value.h"
#include "extension/am/pages/index.h"

namespace dvecdb::extension {

class InsertScratch;

/// What insertions of one statement, or of a build, work with; it lives in `context`, and borrows
/// the others. The index must be the relation's.
InsertScratch* make_insert_scratch(MemoryContext context, Relation relation, Index& index);

/// Inserts a row with a value of the index's dimensions (and with a direction, for cosine). Is
/// logged, but for an UnloggedBuild. Any number of backends may insert, scan and vacuum at once.
///
/// Written are, in this order: items and vector of the new node, the node with its links, the links
/// that lead back to it, the entry point. So who comes upon the node finds it whole. An error or a
/// crash on the way leaves a node that nobody leads to, which VACUUM links or frees.
void insert_value(InsertScratch& scratch, const Value& value, ItemPointerData tid);

}  // namespace dvecdb::extension
