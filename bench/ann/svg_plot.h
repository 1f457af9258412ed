// Curves as a picture.
#pragma once

#include <string>

#include "bench/ann/results.h"

namespace dvecdb::bench::ann {

/// An SVG document: recall@10 against queries a second, one panel for one thread and one for all.
std::string svg_plot(const SetResult& set, ClockKind clock);

}  // namespace dvecdb::bench::ann
