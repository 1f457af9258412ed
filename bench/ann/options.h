// The command line.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "bench/ann/protocol.h"
#include "bench/ann/results.h"
#include "bench/ann/sets.h"

namespace dvecdb::bench::ann {

struct Options {
  bool wants_help = false;
  std::vector<std::string> sets;  ///< empty: the default ones
  std::string out;                ///< a folder for CSV, SVG and summary; empty: none
  ClockKind clock = ClockKind::cpu;
  SetSource source;
  Protocol protocol;
};

/// Throws std::invalid_argument naming what is wrong.
Options parse_options(const std::vector<std::string>& arguments);

std::string help_text();

/// Measures, prints to `print`, writes the files. Errors are thrown.
void run_benchmark(const Options& options, std::ostream& print);

}  // namespace dvecdb::bench::ann
