// How a set is measured: README.md tells it in words.
#pragma once

#include <string>
#include <vector>

#include "bench/ann/ann_library.h"
#include "bench/ann/results.h"

namespace dvecdb::bench::ann {

struct Protocol {
  std::vector<std::string> libraries;  ///< specs, see make_library
  LibraryOptions graph;
  std::vector<std::size_t> efs;  ///< rising; empty: the ladder, climbed until recall is full
  bool is_full = false;          ///< the ladder with all its steps
  int threads = 1;
  bool with_all_threads = true;        ///< search speed also with all threads
  bool with_one_thread_build = false;  ///< of ours, to see how building scales
  int repetitions = 3;
  double seconds = 0.15;    ///< what a repetition of one point takes
  std::string save_folder;  ///< where indexes are saved for their size; empty: not
};

/// Progress goes to the standard error output.
SetResult measure_set(const VectorSet& set, const Protocol& protocol);

}  // namespace dvecdb::bench::ann
