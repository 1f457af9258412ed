// What the machine can: the rates that bound any kernel, measured by loops that do nothing else.
// All are written for the widest registers of the machine that compiles them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dvecdb::bench {

struct Peak {
  std::string name;
  /// Does the loop `rounds` times; returns how many registers of 64 bytes it went through.
  double (*run)(std::size_t rounds);
};

/// "load": 64 bytes from the first cache. "fma": for the record.
std::vector<Peak> port_peaks();

struct ArithmeticPeak {
  std::string name;  ///< "<element>/<measure>/<form>"
  /// Registers of 64 bytes of what is summed (16 floats, 16 halves widened, 64 int8, 512 bits) that
  /// a step goes through.
  double registers;
  /// Rows of `steps` steps and their sums across lanes, `rounds` times; returns how many rows, zero
  /// where it is not made for so few steps.
  double (*run)(std::size_t rounds, std::size_t steps);
};

/// The arithmetic of a measure on operands that are in registers already, for one row or for four
/// that share what is done for the query. Measures whose arithmetic this machine's compiler has no
/// vector instructions for are left out.
std::vector<ArithmeticPeak> arithmetic_peaks();

/// Reads `bytes` (a multiple of 4096) once, prefetching `ahead` bytes ahead, or not for zero.
void plain_read(const char* data, std::size_t bytes, std::size_t ahead);

}  // namespace dvecdb::bench
