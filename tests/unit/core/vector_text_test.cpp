#include "dvecdb/vector_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "dvecdb/float_text.h"

namespace dvecdb::core {
namespace {

template <class Float>
std::string shortest(Float value) {
  char buffer[shortest_double_room];
  return {buffer, print_shortest(value, buffer)};
}

TEST(FloatText, IsShortestAndReadsBack) {
  std::mt19937 random(1);
  for (int i = 0; i < 200000; ++i) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (!std::isfinite(value)) continue;
    const std::string text = shortest(value);
    ASSERT_LE(text.size(), shortest_float_room - 1) << text;
    ASSERT_EQ(std::bit_cast<std::uint32_t>(std::strtof(text.c_str(), nullptr)),
              std::bit_cast<std::uint32_t>(value))
        << text;
  }
  EXPECT_EQ(shortest(std::numeric_limits<float>::quiet_NaN()), "NaN");
  EXPECT_EQ(shortest(-std::numeric_limits<float>::infinity()), "-Infinity");
  EXPECT_EQ(shortest(-1.17549435e-38F), "-1.1754944e-38");
  EXPECT_EQ(shortest(1e-4F), "0.0001");
  EXPECT_EQ(shortest(999999.0F), "999999");
  EXPECT_EQ(shortest(1e6F), "1e+06");
  EXPECT_EQ(shortest(-5e-324), "-5e-324");
  EXPECT_EQ(shortest(123456789012345.25), "123456789012345.25");
}

std::string refusal_of(std::string_view text) {
  std::vector<float> room(elements_at_most(text));
  try {
    parse_dense(text, 2, room.data());
  } catch (const InvalidInput& refused) {
    return refused.what();
  }
  return "none";
}

TEST(VectorText, NeverAsksForMoreRoomThanItSays) {
  EXPECT_EQ(elements_at_most(""), 1U);
  EXPECT_EQ(elements_at_most("[1,2]"), 2U);
  EXPECT_EQ(elements_at_most(std::string(100000, ',')), 16000U);
  EXPECT_EQ(refusal_of("[1,2]"), "none");
  EXPECT_EQ(refusal_of("[1]"), "expected 2 dimensions, not 1");
  EXPECT_EQ(refusal_of(std::string_view("[1\0,2]", 6)),
            "invalid input syntax for type vector: \"[1");  // as C shows it
}

TEST(VectorText, AFaultQuotesAllOfALongText) {
  const std::string text = "[" + std::string(100000, 'x');
  std::vector<float> room(elements_at_most(text));
  try {
    parse_dense(text, -1, room.data());
    FAIL();
  } catch (const InvalidInput& refused) {
    EXPECT_EQ(refused.fault().quoted.size(), text.size());
    EXPECT_EQ(refused.what(), "invalid input syntax for type vector: \"" + text + "\"");
  }
}

TEST(VectorText, ABinaryMessageIsReadOffItsFront) {
  const float elements[] = {1, -2};
  std::string message(dense_message_size<float>(2), '\0');
  send_dense(elements, 2, message.data());
  message += "rest";
  std::string_view left = message;
  ASSERT_EQ(receive_dense_head<float>(left, 2), 2);
  float read[2];
  receive_dense_elements(left, 2, read);
  EXPECT_EQ(left, "rest");
  EXPECT_EQ(read[1], -2);
}

TEST(VectorText, SparseOrderIsDenseOrder) {
  std::mt19937 random(2);
  const auto draw = [&] {
    std::vector<float> dense(1 + random() % 4);
    for (float& element : dense) element = static_cast<float>(static_cast<int>(random() % 3) - 1);
    return dense;
  };
  for (int i = 0; i < 20000; ++i) {
    const std::vector<float> dense[] = {draw(), draw()};
    std::vector<std::int32_t> indices[2];
    std::vector<float> values[2];
    for (int side = 0; side < 2; ++side) {
      for (std::size_t at = 0; at < dense[side].size(); ++at) {
        if (dense[side][at] == 0) continue;
        indices[side].push_back(static_cast<std::int32_t>(at));
        values[side].push_back(dense[side][at]);
      }
    }
    const int order = compare_sparse({indices[0].data(), values[0].data(), indices[0].size()},
                                     static_cast<std::int32_t>(dense[0].size()),
                                     {indices[1].data(), values[1].data(), indices[1].size()},
                                     static_cast<std::int32_t>(dense[1].size()));
    const int expected = (dense[1] < dense[0]) - (dense[0] < dense[1]);
    ASSERT_EQ(order, expected);
  }
}

}  // namespace
}  // namespace dvecdb::core
