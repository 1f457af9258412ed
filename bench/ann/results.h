// What was measured.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench/ann/vectors.h"

namespace dvecdb::bench::ann {

struct BuildTime {
  double wall = 0;  ///< seconds
  double cpu = 0;   ///< of all threads together
};

/// Queries a second, of all threads together. By `cpu`, a thread's time is the processor time
/// that it got, so that what else runs on the machine counts little; by `wall` it is the clock's.
struct Rate {
  double cpu = 0;
  double wall = 0;
};

struct Point {
  std::size_t ef = 0;
  double recall = 0;
  bool is_timed = true;  ///< else only its recall is known
  Rate one;              ///< with one thread
  Rate all;              ///< with all threads; zero where not measured
  Rate scaling;          ///< all over one, of the same repetition
  double p50_us = 0;     ///< of a query, by one thread
  double p99_us = 0;
  double waits = 0;  ///< times that a thread slept for another, per 1,000 queries, all threads
};

struct LibraryResult {
  std::string name;
  BuildTime build;                 ///< with all threads
  BuildTime build_one;             ///< with one thread; zero where not measured
  std::size_t memory_bytes = 0;    ///< as the library says; else as resident_bytes
  std::size_t resident_bytes = 0;  ///< by which the process grew during the build
  std::size_t file_bytes = 0;      ///< of the saved index; zero where not measured
  std::vector<Point> points;       ///< by rising ef
};

struct SetResult {
  std::string name;
  Metric metric = Metric::l2;
  std::size_t rows = 0;
  std::size_t dims = 0;
  std::size_t queries = 0;
  int threads = 1;
  std::vector<LibraryResult> libraries;
};

/// Which of a rate's two values is reported and compared.
enum class ClockKind { cpu, wall };
inline double value(const Rate& rate, ClockKind clock) {
  return clock == ClockKind::cpu ? rate.cpu : rate.wall;
}

}  // namespace dvecdb::bench::ann
