// interval: months, days and microseconds that do not turn into each other. Stored in
// PostgreSQL's binary form: microseconds (8 bytes), days (4), months (4), big-endian.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/types/type_io.h"
#include "server/types/value.h"

namespace dvecdb::server::types {

struct Interval {
  std::int64_t usecs = 0;
  std::int32_t days = 0;
  std::int32_t months = 0;

  friend bool operator==(const Interval&, const Interval&) = default;

  static Interval of(const Value& value);
  Value to_value() const;

  // By length, a month being 30 days: '1 month' equals '30 days'.
  static int compare(const Interval& a, const Interval& b);
  std::string sort_key() const;

  // Throw SqlError 22008 "interval out of range".
  static Interval add(const Interval& a, const Interval& b);
  static Interval sub(const Interval& a, const Interval& b);
  Interval negated() const;
};

[[noreturn]] void refuse_interval_range();

// The fields that a modifier allows (YEAR TO MONTH): bit (1 << n) as PostgreSQL numbers them.
namespace interval_range {
inline constexpr int month = 1 << 1;
inline constexpr int year = 1 << 2;
inline constexpr int day = 1 << 3;
inline constexpr int hour = 1 << 10;
inline constexpr int minute = 1 << 11;
inline constexpr int second = 1 << 12;
inline constexpr int full = 0x7fff;
}  // namespace interval_range

// `range` decides what a number without a unit is. Throws SqlError 22007, 22015.
Interval parse_interval(const IoContext& context, std::string_view text,
                        int range = interval_range::full);
void append_interval(std::string& out, const IoContext& context, const Interval& interval);

}  // namespace dvecdb::server::types
