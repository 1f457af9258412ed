// time with time zone: a time of day and the offset it was told in. Stored in PostgreSQL's binary
// form: microseconds (8 bytes), seconds WEST of Greenwich (4 bytes).
#pragma once

#include <cstdint>
#include <string>

#include "server/types/binary.h"
#include "server/types/calendar.h"
#include "server/types/value.h"

namespace dvecdb::server::types {

struct TimeTz {
  std::int64_t usecs = 0;
  std::int32_t west = 0;

  static TimeTz of(const Value& value) {
    BinaryReader reader(value.as_bytes());
    TimeTz time;
    time.usecs = reader.i64();
    time.west = reader.i32();
    return time;
  }

  Value to_value() const {
    std::string bytes;
    append_u64(bytes, static_cast<std::uint64_t>(usecs));
    append_u32(bytes, static_cast<std::uint32_t>(west));
    return Value::blob(std::move(bytes));
  }

  std::int64_t utc_usecs() const { return usecs + west * usecs_per_second; }

  // By instant; of the same instant the one told farther east is less.
  static int compare(const TimeTz& a, const TimeTz& b) {
    if (a.utc_usecs() != b.utc_usecs()) return a.utc_usecs() < b.utc_usecs() ? -1 : 1;
    return a.west < b.west ? -1 : (a.west > b.west ? 1 : 0);
  }

  std::string sort_key() const {
    std::string key;
    append_u64(key, static_cast<std::uint64_t>(utc_usecs()) ^ (std::uint64_t{1} << 63));
    append_u32(key, static_cast<std::uint32_t>(west) ^ 0x80000000U);
    return key;
  }
};

}  // namespace dvecdb::server::types
