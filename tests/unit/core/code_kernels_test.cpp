#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "core/distance/kernel_table.h"
#include "tests/unit/core/kernel_cases.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kDims[] = {64, 128, 192, 384, 832};
constexpr std::size_t kCodes = 7;

/// Random codes of `bits` bits with their factors, and a query.
struct Case {
  Case(std::size_t dims_of_case, int bits_of_case)
      : dims(dims_of_case),
        bits(bits_of_case),
        shape{dims, dims / 8 * static_cast<std::size_t>(bits)} {
    std::mt19937 random(static_cast<unsigned>(dims) * 10 + static_cast<unsigned>(bits));
    query.resize(dims);
    for (std::int8_t& x : query)
      x = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
    for (std::size_t i = 0; i < kCodes; ++i) {
      elements.emplace_back(dims);
      for (std::uint8_t& c : elements.back())
        c = static_cast<std::uint8_t>(random() % (1u << bits));
      codes.emplace_back(shape.factors + 2 * sizeof(float));
      active_kernels().codes.pack(elements.back().data(), dims, bits, codes.back().data());
      const float factors[2] = {static_cast<float>(i), 0.5f};
      std::memcpy(codes.back().data() + shape.factors, factors, sizeof factors);
    }
  }

  std::int32_t dot(std::size_t code) const {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < dims; ++i) sum += elements[code][i] * query[i];
    return sum;
  }

  std::size_t dims;
  int bits;
  CodeShape shape;
  std::vector<std::int8_t> query;
  std::vector<std::vector<std::uint8_t>> elements;
  std::vector<std::vector<std::uint8_t>> codes;
};

template <class Check>
void for_each_case(Check check) {
  for (const NamedTable& table : tables()) {
    for (const std::size_t dims : kDims) {
      for (int bits = 1; bits <= 8; ++bits) {
        SCOPED_TRACE(std::string(table.name) + ", " + std::to_string(dims) + " dims, " +
                     std::to_string(bits) + " bits");
        check(table.table->codes, Case(dims, bits));
      }
    }
  }
}

TEST(CodeKernels, EstimatesAreExactIntegerProductsUnderTheFactors) {
  for_each_case([](const CodeKernels& kernels, const Case& c) {
    std::vector<const std::uint8_t*> codes;
    for (const auto& code : c.codes) codes.push_back(code.data());
    const CodeQuery query{c.query.data(), 3.0f, 0.25f, 10.0f};
    float out[kCodes];
    kernels.estimate[c.bits - 1](query, c.shape, codes.data(), kCodes, out);
    for (std::size_t i = 0; i < kCodes; ++i) {
      const double dot = c.dot(i) - 10.0;
      const double expected = 3.0 + static_cast<double>(i) + 0.5 * 0.25 * dot;
      EXPECT_NEAR(out[i], expected, 1e-6 * std::fabs(expected) + 1e-3);
    }
  });
}

TEST(CodeKernels, UnpacksWhatWasPacked) {
  for_each_case([](const CodeKernels& kernels, const Case& c) {
    std::vector<std::int8_t> out(c.dims);
    const std::int32_t sum = kernels.unpack[c.bits - 1](c.codes[0].data(), c.dims, out.data());
    std::int32_t expected_sum = 0;
    for (std::size_t i = 0; i < c.dims; ++i) {
      const int value = c.elements[0][i];
      const int expected = c.bits == 8 ? value - 128 : 2 * value - ((1 << c.bits) - 1);
      ASSERT_EQ(out[i], expected) << "element " << i;
      expected_sum += expected;
    }
    EXPECT_EQ(sum, expected_sum);
  });
}

TEST(CodeKernels, WidensEveryElement) {
  for_each_case([](const CodeKernels& kernels, const Case& c) {
    std::vector<float> out(c.dims);
    kernels.widen(c.query.data(), c.dims, 0.25f, 0.5f, out.data());
    for (std::size_t i = 0; i < c.dims; ++i) ASSERT_EQ(out[i], 0.25f * (c.query[i] + 0.5f));
  });
}

TEST(CodeKernels, GridDotIsTheProductWithTheGridPoint) {
  for_each_case([](const CodeKernels& kernels, const Case& c) {
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    std::vector<float> x(c.dims);
    std::vector<float> y(c.dims);
    for (float& value : x) value = normal(random);
    for (float& value : y) value = normal(random);
    const float half_range = std::ldexp(0.5f, c.bits);
    const float factor = half_range / 2;
    double expected = 0;
    for (std::size_t i = 0; i < c.dims; ++i) {
      const float low = std::floor(x[i] * factor);
      const float u = std::max(std::min(low, half_range - 1), -half_range) + 0.5f;
      expected += static_cast<double>(u) * static_cast<double>(y[i]);
    }
    const float found = kernels.grid_dot(x.data(), c.dims, factor, half_range, y.data());
    EXPECT_NEAR(found, expected, 1e-4 * half_range * static_cast<double>(c.dims));
  });
}

}  // namespace
}  // namespace dvecdb::core
