// What the engine is to reach beside its peers.
#pragma once

#include <string>
#include <vector>

#include "bench/ann/results.h"

namespace dvecdb::bench::ann {

/// One line for each target whose libraries were measured:
/// "TARGET <name>: ours <x>, peer <name> <y>, ratio <r>, goal <g>, met" or "..., short".
/// Ours is the library "ours" without settings, or the first with some. A peer that does not reach
/// the recall is beaten by reaching it.
std::vector<std::string> target_lines(const SetResult& set, ClockKind clock);

}  // namespace dvecdb::bench::ann
