// FAISS's kernels: functions of its library (which chooses no instructions at run time), and the
// counting of bits, which is a header's and compiled for this machine.
#include <faiss/utils/distances.h>
#include <faiss/utils/hamming.h>

#include <algorithm>
#include <array>

#include "bench/kernels/measures.h"

namespace dvecdb::bench {
namespace {

using Kernel = float (*)(const float*, const float*, std::size_t);

template <Kernel kernel>
double run(const Rows& rows) {
  const auto* query = reinterpret_cast<const float*>(rows.row(0));
  double last = 0;
  for (std::size_t i = 1; i < rows.count; ++i) {
    last = kernel(query, reinterpret_cast<const float*>(rows.row(i)), rows.dims);
  }
  return last;
}

/// By the hundred, from pointers and into results, as ours: a sum alone would let the compiler
/// count several rows in one register, which no search could use.
template <class Computer>
double count_bits(const Rows& rows) {
  Computer computer(reinterpret_cast<const std::uint8_t*>(rows.row(0)),
                    static_cast<int>(rows.bytes));
  std::array<const std::uint8_t*, 256> pointers;
  std::array<hamdis_t, 256> out{};
  for (std::size_t i = 1; i < rows.count; i += pointers.size()) {
    const std::size_t count = std::min(pointers.size(), rows.count - i);
    for (std::size_t r = 0; r < count; ++r) {
      pointers[r] = reinterpret_cast<const std::uint8_t*>(rows.row(i + r));
    }
    asm volatile("" : : "r"(pointers.data()) : "memory");
    for (std::size_t r = 0; r < count; ++r) out[r] = computer.hamming(pointers[r]);
    asm volatile("" : : "r"(out.data()) : "memory");
  }
  return static_cast<double>(out[0]);
}

double hamming(const Rows& rows) {
  switch (rows.bytes) {
    case 16:
      return count_bits<faiss::HammingComputer16>(rows);
    case 32:
      return count_bits<faiss::HammingComputer32>(rows);
    case 64:
      return count_bits<faiss::HammingComputer64>(rows);
    default:
      return count_bits<faiss::HammingComputerDefault>(rows);
  }
}

}  // namespace

std::vector<Measure> faiss_measures() {
  return {
      {"FAISS", "float", "l2", run<faiss::fvec_L2sqr>, {}, run<faiss::fvec_L2sqr>},
      {"FAISS", "float", "dot", run<faiss::fvec_inner_product>, {}, run<faiss::fvec_inner_product>},
      {"FAISS", "float", "l1", run<faiss::fvec_L1>, {}, run<faiss::fvec_L1>},
      {"FAISS", "bit", "hamming", {}, {}, hamming}};
}

}  // namespace dvecdb::bench
