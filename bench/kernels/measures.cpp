#include "bench/kernels/measures.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "dvecdb/distance.h"

namespace dvecdb::bench {
namespace {

using core::BitOverlap;
using core::CosineSums;

template <class Number>
double number(Number x) {
  return static_cast<double>(x);
}
template <class Sum>
double number(const CosineSums<Sum>& sums) {
  return number(sums.dot) + number(sums.norm_a) + number(sums.norm_b);
}
double number(const BitOverlap& counts) {
  return number(counts.both + counts.a + counts.b);
}

/// Bits are handed over as bytes.
template <class T>
std::size_t elements(const Rows& rows) {
  return rows.bytes / sizeof(T);
}

template <class T>
const T* row_of(const Rows& rows, std::size_t i) {
  return reinterpret_cast<const T*>(rows.row(i));
}

template <class T, class Result>
double run_one(typename core::MeasureForms<T, Result>::One measure, const Rows& rows) {
  Result last{};
  const T* query = row_of<T>(rows, 0);
  for (std::size_t i = 1; i < rows.count; ++i) {
    last = measure(query, row_of<T>(rows, i), elements<T>(rows));
  }
  return number(last);
}

template <class T, class Result>
double run_four(typename core::MeasureForms<T, Result>::Four measure, const Rows& rows) {
  Result out[4]{};
  const T* query = row_of<T>(rows, 0);
  for (std::size_t i = 1; i + 4 <= rows.count; i += 4) {
    const T* four[4];
    for (std::size_t r = 0; r < 4; ++r) four[r] = row_of<T>(rows, i + r);
    measure(query, four, elements<T>(rows), out);
  }
  return number(out[0]) + number(out[3]);
}

/// By the hundred, as a scan does: the pointers and the results stay in cache.
template <class T, class Result>
double run_many(typename core::MeasureForms<T, Result>::Many measure, const Rows& rows) {
  std::array<const T*, 256> pointers;
  std::array<Result, 256> out{};
  const T* query = row_of<T>(rows, 0);
  for (std::size_t i = 1; i < rows.count; i += pointers.size()) {
    const std::size_t count = std::min(pointers.size(), rows.count - i);
    for (std::size_t r = 0; r < count; ++r) pointers[r] = row_of<T>(rows, i + r);
    measure(query, pointers.data(), count, elements<T>(rows), out.data());
  }
  return number(out[0]);
}

template <class T, class Result>
Measure measure_of(const char* element, const char* name,
                   typename core::MeasureForms<T, Result>::One one,
                   typename core::MeasureForms<T, Result>::Four four,
                   typename core::MeasureForms<T, Result>::Many many) {
  return {"ours",
          element,
          name,
          [one](const Rows& rows) { return run_one<T, Result>(one, rows); },
          [four](const Rows& rows) { return run_four<T, Result>(four, rows); },
          [many](const Rows& rows) { return run_many<T, Result>(many, rows); }};
}

template <class T>
void add_measures(const char* element, std::vector<Measure>& out) {
  using Kernels = core::DistanceKernels<T>;
  using Sum = typename Kernels::Sum;
  using Sums = typename Kernels::Sums;
  const Kernels& k = core::distance_kernels<T>();
  out.push_back(
      measure_of<T, Sum>(element, "l2", k.l2_squared, k.l2_squared_four, k.l2_squared_many));
  out.push_back(measure_of<T, Sum>(element, "dot", k.dot, k.dot_four, k.dot_many));
  out.push_back(
      measure_of<T, Sums>(element, "cosine", k.dot_norms, k.dot_norms_four, k.dot_norms_many));
  out.push_back(measure_of<T, Sum>(element, "l1", k.l1, k.l1_four, k.l1_many));
}

[[gnu::noinline]] std::uint64_t nothing(const std::uint8_t*, const std::uint8_t*, std::size_t) {
  asm volatile("");
  return 0;
}
[[gnu::noinline]] void nothing_four(const std::uint8_t*, const std::uint8_t* const*, std::size_t,
                                    std::uint64_t*) {
  asm volatile("");
}

}  // namespace

std::size_t row_bytes(const std::string& element, std::size_t dims) {
  if (element == "float") return dims * 4;
  if (element == "half") return dims * 2;
  return element == "int8" ? dims : dims / 8;
}

double row_registers(const std::string& element, std::size_t dims) {
  const std::size_t bytes = row_bytes(element, dims) * (element == "half" ? 2 : 1);
  return static_cast<double>((bytes + 63) / 64);
}

Measure empty_calls() {
  Measure calls =
      measure_of<std::uint8_t, std::uint64_t>("call", "nothing", nothing, nothing_four, nullptr);
  calls.maker = "peak";
  calls.many = {};
  return calls;
}

std::vector<Measure> our_measures() {
  std::vector<Measure> out;
  add_measures<float>("float", out);
  add_measures<core::Half>("half", out);
  add_measures<std::int8_t>("int8", out);
  const core::BitKernels& k = core::bit_kernels();
  out.push_back(measure_of<std::uint8_t, std::uint64_t>("bit", "hamming", k.hamming, k.hamming_four,
                                                        k.hamming_many));
  out.push_back(measure_of<std::uint8_t, BitOverlap>("bit", "jaccard", k.overlap, k.overlap_four,
                                                     k.overlap_many));
  return out;
}

}  // namespace dvecdb::bench
