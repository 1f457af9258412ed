// The index, built and searched with its vectors on disk or in memory.
#pragma once

#include <optional>

#include "bench/disk/bench_files.h"
#include "dvecdb/hnsw.h"

namespace dvecdb::bench::disk {

/// Builds the index with its vectors on disk, from rows that are read one by one, and saves it.
/// It is walked on codes of so many bits, or those that it picks itself.
void build_index(const Folder& folder, int threads, std::optional<int> bits);

/// Answers the questions of the folder with the index of the folder and prints a line for each ef
/// and number of threads.
void search_index(const Folder& folder, bool on_disk);

}  // namespace dvecdb::bench::disk
