#pragma once

#include <cstddef>

namespace dvecdb::core {

/// Asks for cache lines from `begin` on, which is at a line's beginning or the first of interest.
/// Few go to the innermost cache. More would have to wait for each other there; the second one,
/// from where they come soon enough, waits for twice as many at a time.
inline void prefetch_lines(const void* begin, std::size_t lines) {
  constexpr std::size_t kFew = 3;
  const char* p = static_cast<const char*>(begin);
  if (lines <= kFew) {
    for (std::size_t i = 0; i < lines; ++i) __builtin_prefetch(p + 64 * i);
  } else {
    for (std::size_t i = 0; i < lines; ++i) __builtin_prefetch(p + 64 * i, 0, 2);
  }
}

}  // namespace dvecdb::core
