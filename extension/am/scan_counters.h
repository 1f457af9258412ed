#pragma once

#include <cstdint>

#include "extension/postgres.h"

extern "C" {
#include <access/relscan.h>
}

namespace dvecdb::extension {

/// What one index scan did since it began, rescans included; EXPLAIN (ANALYZE) shows it.
/// The scan's state, IndexScanDesc::opaque, begins with its counters: they must be its first
/// member, and the state must be a standard-layout type.
struct ScanCounters {
  std::uint64_t candidates;      ///< nodes expanded on the lowest level
  std::uint64_t codes_compared;  ///< distances estimated from codes
  std::uint64_t reranked;        ///< exact distances taken of full vectors
  std::uint64_t pages_read;      ///< pages of the index pinned, again counted when pinned again
};

/// The counters of a scan of our index method; null before ambeginscan has made its state.
inline const ScanCounters* counters_of(const IndexScanDescData* scan) {
  return static_cast<const ScanCounters*>(scan->opaque);
}

}  // namespace dvecdb::extension
