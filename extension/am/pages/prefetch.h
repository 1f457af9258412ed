#pragma once

#include <cstddef>

namespace dvecdb::extension {

/// Has the processor fetch bytes into its cache. Always inline: a function that does nothing else
/// counts as one without effect, and compilers leave out calls of it.
[[gnu::always_inline]] inline void prefetch_bytes(const void* from, std::size_t bytes) {
  constexpr std::size_t kLine = 64;
  for (std::size_t i = 0; i < bytes; i += kLine) {
    __builtin_prefetch(static_cast<const char*>(from) + i);
  }
}

}  // namespace dvecdb::extension
