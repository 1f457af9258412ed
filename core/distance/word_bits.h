#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace dvecdb::core {
namespace {

/// An arithmetic (ops.h) over bits, a word at a time.
struct WordBits {
  using Element = std::uint8_t;
  using Scalar = std::uint64_t;
  using Register = std::uint64_t;
  using Sum = std::uint64_t;
  static constexpr std::size_t lanes = 8;
  static constexpr int chains = 1;
  static constexpr int chains_four = 1;

  static Register load(const std::uint8_t* p) { return load_part(p, lanes); }
  static Register load_part(const std::uint8_t* p, std::size_t n) {
    Register word = 0;
    std::memcpy(&word, p, n);
    return word;
  }
  static Sum zero() { return 0; }
  static Sum add(Sum a, Sum b) { return a + b; }
  static std::uint64_t sum(Sum a) { return a; }
  static void sum_four(const Sum (&sums)[4], std::uint64_t* out) {
    std::memcpy(out, sums, sizeof sums);
  }
  static Sum product(Register x, Register y, Sum sum) {
    return sum + static_cast<std::uint64_t>(__builtin_popcountll(x & y));
  }
  static Sum difference(Register x, Register y, Sum sum) {
    return sum + static_cast<std::uint64_t>(__builtin_popcountll(x ^ y));
  }
};

}  // namespace
}  // namespace dvecdb::core
