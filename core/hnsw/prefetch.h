#pragma once

#include <cstddef>

namespace dvecdb::core {

/// Asks for cache lines from `begin` on, which is at a line's beginning or the first of interest.
/// They go to the second cache, from where they come soon enough: it waits for twice as many at a
/// time as the innermost one.
inline void prefetch_lines(const void* begin, std::size_t lines) {
  const char* p = static_cast<const char*>(begin);
  for (std::size_t i = 0; i < lines; ++i) __builtin_prefetch(p + 64 * i, 0, 2);
}

}  // namespace dvecdb::core
