// What the machine can: the rates that bound any kernel, measured by loops that do nothing else.
// All are written for the widest registers of the machine that compiles them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dvecdb::bench {

struct Peak {
  std::string name;
  /// Does the loop `rounds` times; returns how many registers of rows it went through, where a
  /// register is 64 bytes of what is summed: 16 floats, 16 halves widened, 64 int8, 512 bits.
  double (*run)(std::size_t rounds);
};

/// "load": 64 bytes from the first cache. "fma": for the record. "<element>/<measure>/<form>": the
/// arithmetic of a measure on operands that are in registers already, alone or for four rows that
/// share what is done for the query. Measures whose arithmetic this machine's compiler has no
/// vector instructions for are left out.
std::vector<Peak> port_peaks();

/// Reads `bytes` (a multiple of 4096) once: the best simple read of memory.
void plain_read(const char* data, std::size_t bytes);

}  // namespace dvecdb::bench
