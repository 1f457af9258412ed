// Tables and targets.
#pragma once

#include <string>
#include <vector>

#include "bench/pgvector/results.h"

namespace dvecdb::bench::pgvector {

inline constexpr const char* peer_name = "pgvector";
inline constexpr const char* ours_name = "ours";
inline constexpr const char* compact_name = "ours-compact";

/// The names, in the order of their first measure.
std::vector<std::string> contenders_of(const Results& results);

/// Markdown, a section for each set.
std::string summary(const Results& results);

/// "TARGET <set>/<what>: ours <x>, peer pgvector <y>, ratio <r>, goal <g>, met" or "..., short",
/// one for each goal whose measures are there.
std::vector<std::string> target_lines(const Results& results);

}  // namespace dvecdb::bench::pgvector
