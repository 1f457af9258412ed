#include "server/types/interval.h"

#include "server/types/binary.h"
#include "server/types/calendar.h"
#include "server/types/error.h"
#include "server/types/numeric.h"

namespace dvecdb::server::types {

namespace {

Int128 span_of(const Interval& v) {
  const std::int64_t days = std::int64_t{v.months} * days_per_month + v.days;
  return static_cast<Int128>(days) * usecs_per_day + v.usecs;
}

}  // namespace

void refuse_interval_range() {
  throw SqlError(sqlstate::datetime_field_overflow, "interval out of range");
}

Interval Interval::of(const Value& value) {
  BinaryReader reader(value.as_bytes());
  Interval v;
  v.usecs = reader.i64();
  v.days = reader.i32();
  v.months = reader.i32();
  return v;
}

Value Interval::to_value() const {
  std::string bytes;
  append_u64(bytes, static_cast<std::uint64_t>(usecs));
  append_u32(bytes, static_cast<std::uint32_t>(days));
  append_u32(bytes, static_cast<std::uint32_t>(months));
  return Value::blob(std::move(bytes));
}

int Interval::compare(const Interval& a, const Interval& b) {
  const Int128 x = span_of(a);
  const Int128 y = span_of(b);
  return x < y ? -1 : (x > y ? 1 : 0);
}

std::string Interval::sort_key() const {
  const auto span = static_cast<Uint128>(span_of(*this));
  std::string key;
  append_u64(key, static_cast<std::uint64_t>(span >> 64) ^ (std::uint64_t{1} << 63));
  append_u64(key, static_cast<std::uint64_t>(span));
  return key;
}

Interval Interval::add(const Interval& a, const Interval& b) {
  Interval r;
  if (__builtin_add_overflow(a.months, b.months, &r.months) ||
      __builtin_add_overflow(a.days, b.days, &r.days) ||
      __builtin_add_overflow(a.usecs, b.usecs, &r.usecs)) {
    refuse_interval_range();
  }
  return r;
}

Interval Interval::sub(const Interval& a, const Interval& b) {
  Interval r;
  if (__builtin_sub_overflow(a.months, b.months, &r.months) ||
      __builtin_sub_overflow(a.days, b.days, &r.days) ||
      __builtin_sub_overflow(a.usecs, b.usecs, &r.usecs)) {
    refuse_interval_range();
  }
  return r;
}

Interval Interval::negated() const {
  return sub({}, *this);
}

}  // namespace dvecdb::server::types
