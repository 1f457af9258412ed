// What is measured: our kernels and the peers', as functions over rows of bytes.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace dvecdb::bench {

/// Rows one after another; row(i) for i < count.
struct Rows {
  const char* data;
  std::size_t bytes;  ///< of a row
  std::size_t count;
  std::size_t dims;

  const char* row(std::size_t i) const { return data + i * bytes; }
};

/// Measures the first row against all others, and returns something that depends on all results.
using Run = std::function<double(const Rows& rows)>;

/// One measure of one maker over one element, in the forms that it has (others are empty).
struct Measure {
  std::string maker;    ///< "ours", or a peer's name
  std::string element;  ///< float, half, int8, bit
  std::string name;     ///< l2, dot, cosine, l1, hamming, jaccard
  Run one;              ///< pair by pair
  Run four;             ///< four rows at a time
  Run many;             ///< rows by the hundred
};

std::size_t row_bytes(const std::string& element, std::size_t dims);

/// In registers of 64 bytes of what is summed; halves are widened to twice their size.
double row_registers(const std::string& element, std::size_t dims);

/// Calls of functions that do nothing, in the forms one and four.
Measure empty_calls();

std::vector<Measure> our_measures();
std::vector<Measure> hnswlib_measures();
std::vector<Measure> faiss_measures();

}  // namespace dvecdb::bench
