// One line a library. The peers are shared libraries of their own, so that what they compile with
// -march=native stays theirs.
#pragma once

#include <memory>

#include "bench/ann/ann_library.h"

namespace dvecdb::bench::ann {

#define DVECDB_ANN_PEER __attribute__((visibility("default")))

std::unique_ptr<AnnLibrary> make_ours(const LibraryOptions& options);
DVECDB_ANN_PEER std::unique_ptr<AnnLibrary> make_hnswlib(const LibraryOptions& options);
DVECDB_ANN_PEER std::unique_ptr<AnnLibrary> make_faiss_flat(const LibraryOptions& options);
DVECDB_ANN_PEER std::unique_ptr<AnnLibrary> make_faiss_sq8(const LibraryOptions& options);

}  // namespace dvecdb::bench::ann
