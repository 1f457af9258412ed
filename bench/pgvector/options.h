// The command line.
#pragma once

#include <string>
#include <vector>

#include "bench/ann/sets.h"
#include "bench/pgvector/contender.h"

namespace dvecdb::bench::pgvector {

struct Options {
  std::string phase;  ///< prepare, search, write or report
  std::vector<Contender> contenders;
  std::vector<std::string> sets;
  ann::SetSource source;
  std::string out;               ///< the folder of results.csv
  std::string place = "memory";  ///< or "disk": what searches are counted as
  std::size_t m = 16;
  std::size_t ef_construction = 64;
  std::size_t inserts = 2000;
  std::vector<std::size_t> clients = {1, 4};
  int repetitions = 3;
  double seconds = 0.4;  ///< of a repetition of a point
  bool is_full = false;  ///< all steps of the ladder
};

/// Throws std::invalid_argument naming what is wrong.
Options parse_options(const std::vector<std::string>& arguments);

std::string help_text();

}  // namespace dvecdb::bench::pgvector
