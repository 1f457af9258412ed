// What the machine can: the rates that bound any kernel, each of a loop that does one thing only.
// All are written for the widest registers of the machine that compiles them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dvecdb::bench {

struct Peak {
  const char* name;
  /// Does the loop `rounds` times and returns the 64-byte registers that it went through.
  double (*run)(std::size_t rounds);
};

/// load: from the first cache. fma, add: of float32. widen_half, widen_int8: to registers of 64
/// bytes. multiply_int8: products of bytes or words that are summed in pairs or fours.
/// popcount: of 64-bit words. Those that the machine has no instruction for are left out.
std::vector<Peak> port_peaks();

/// Reads `bytes` (a multiple of 4096) once: the best simple read of memory.
void plain_read(const char* data, std::size_t bytes);

}  // namespace dvecdb::bench
