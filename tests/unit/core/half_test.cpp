#include "dvecdb/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "tests/unit/core/kernel_cases.h"

namespace dvecdb::core {
namespace {

TEST(Half, EveryValueSurvivesTheWayThroughFloat) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const Half half{static_cast<std::uint16_t>(bits)};
    const float value = to_float(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(to_float(to_half(value))));
    } else {
      EXPECT_EQ(to_half(value).bits, half.bits);
    }
  }
}

TEST(Half, RoundsToNearestEven) {
  EXPECT_EQ(to_half(1.0f).bits, 0x3c00);
  EXPECT_EQ(to_half(-2.0f).bits, 0xc000);
  EXPECT_EQ(to_half(65504.0f).bits, 0x7bff);
  EXPECT_EQ(to_half(65519.9f).bits, 0x7bff);
  EXPECT_EQ(to_half(65520.0f).bits, 0x7c00);
  EXPECT_EQ(to_half(2049.0f).bits, to_half(2048.0f).bits);  // a tie, down to even
  EXPECT_EQ(to_half(2051.0f).bits, to_half(2052.0f).bits);  // a tie, up to even
  EXPECT_EQ(to_half(std::ldexp(1.0f, -24)).bits, 0x0001);
  EXPECT_EQ(to_half(std::ldexp(1.0f, -25)).bits, 0x0000);
  EXPECT_EQ(to_half(-std::ldexp(1.0f, -26)).bits, 0x8000);
}

TEST(Half, EveryKernelConvertsAlike) {
  std::vector<Half> halves(65536);
  for (std::size_t i = 0; i < halves.size(); ++i) halves[i].bits = static_cast<std::uint16_t>(i);
  std::vector<float> floats;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) {
    const std::uint32_t bits = i * 4294u;
    float value;
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isnan(value)) floats.push_back(value);
  }
  for (const NamedTable& entry : tables()) {
    SCOPED_TRACE(entry.name);
    std::vector<float> wide(halves.size());
    entry.table->to_float(halves.data(), wide.data(), halves.size());
    for (std::size_t i = 0; i < halves.size(); ++i) {
      const float expected = to_float(halves[i]);
      if (std::isnan(expected)) continue;
      ASSERT_EQ(wide[i], expected) << i;
    }
    std::vector<Half> narrow(floats.size());
    entry.table->to_half(floats.data(), narrow.data(), floats.size());
    for (std::size_t i = 0; i < floats.size(); ++i) {
      ASSERT_EQ(narrow[i].bits, to_half(floats[i]).bits) << floats[i];
    }
  }
}

}  // namespace
}  // namespace dvecdb::core
