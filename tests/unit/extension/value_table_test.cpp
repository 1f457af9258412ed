#include "extension/am/build/value_table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace dvecdb::extension {
namespace {

TEST(ValueTable, GivesEqualValuesTheNumberOfTheFirst) {
  std::mt19937 random(1);
  ValueTable table(42);
  std::map<std::string, std::uint32_t> plain;
  for (std::uint32_t i = 0; i < 50000; ++i) {
    std::string value(1 + random() % 3, 'x');
    for (char& byte : value) byte = static_cast<char>(random() % 64);
    const std::uint32_t number = plain.emplace(value, i).first->second;
    ASSERT_EQ(table.find_or_add(value.data(), value.size(), i), number);
  }
}

TEST(ValueTable, TellsValuesApartThatDifferInOneBit) {
  std::string value(512, '\0');
  ValueTable table(7);
  std::uint32_t next = 0;
  ASSERT_EQ(table.find_or_add(value.data(), value.size(), next), next);
  for (std::size_t bit = 0; bit < 8 * value.size(); ++bit) {
    std::string other = value;
    other[bit / 8] = static_cast<char>(1 << (bit % 8));
    ++next;
    ASSERT_EQ(table.find_or_add(other.data(), other.size(), next), next) << "bit " << bit;
  }
  EXPECT_EQ(table.find_or_add(value.data(), value.size(), 99999), 0u);
}

TEST(ValueTable, TellsLengthsApart) {
  const std::string zeros(64, '\0');
  ValueTable table(7);
  for (std::uint32_t length = 1; length <= 64; ++length) {
    ASSERT_EQ(table.find_or_add(zeros.data(), length, length), length);
  }
}

}  // namespace
}  // namespace dvecdb::extension
