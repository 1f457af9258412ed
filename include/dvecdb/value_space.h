#pragma once

#include <cstddef>
#include <cstdint>

namespace dvecdb::core {

/// What a graph of values that are no dense vectors compares them by (HnswOptions::values). To the
/// graph a value is some bytes, as many for each; they may be a pointer to more.
///
/// Safe from any number of threads.
class ValueSpace {
 public:
  virtual ~ValueSpace() = default;

  virtual std::size_t value_bytes() const = 0;

  /// From one value to others, less for what is nearer. Never NaN, at most FLT_MAX. The values lie
  /// at multiples of 4 bytes.
  virtual void distances(const std::uint8_t* from, const std::uint8_t* const* to, std::size_t count,
                         float* out) const = 0;
};

}  // namespace dvecdb::core
