#pragma once

#include "extension/postgres.h"

extern "C" {
#include <storage/lockdefs.h>
#include <utils/relcache.h>
}

namespace dvecdb::extension {

/// An hnsw index that SQL asked to look into, with its table.
struct Inspected {
  Relation table;
  Relation index;
  LOCKMODE lock;  ///< on both
};

/// Opens and locks both. Raises wrong_object_type for all but an hnsw index, and
/// insufficient_privilege for who may not read the table.
Inspected open_inspected(Oid index, LOCKMODE lock);

/// Raises object_not_in_prerequisite_state for an index that a failed CREATE INDEX CONCURRENTLY
/// has left.
void require_valid(const Inspected& inspected);

void close_inspected(const Inspected& inspected);

/// Raises index_corrupted with what is wrong as its detail.
[[noreturn, gnu::format(printf, 2, 3)]] void raise_damaged(Relation index, const char* format, ...);

}  // namespace dvecdb::extension
