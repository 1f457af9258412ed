// The results as text.
#pragma once

#include <string>
#include <vector>

#include "bench/ann/results.h"

namespace dvecdb::bench::ann {

/// The first line of a CSV file, and the lines of one set.
std::string csv_head();
std::string csv_lines(const SetResult& set, ClockKind clock);

/// For a terminal: one line a point.
std::string point_table(const SetResult& set, ClockKind clock);

/// Markdown: builds and sizes, and the rate at each recall.
std::string summary(const SetResult& set, ClockKind clock);

/// Processor, cores, memory, how busy: one line.
std::string machine_line();

}  // namespace dvecdb::bench::ann
