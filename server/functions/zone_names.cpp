// What a name after AT TIME ZONE means.
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <optional>

#include "server/functions/datetime_math.h"
#include "server/types/calendar.h"
#include "server/types/datetime_text.h"
#include "server/types/error.h"
#include "server/types/scan.h"

namespace dvecdb::server::functions {

using namespace types;  // NOLINT: calendar.h's units

namespace {

// Either a fixed offset or a zone.
struct NamedZone {
  std::optional<std::int32_t> offset;
  const TimeZone* zone = nullptr;
};

NamedZone find(std::string_view name) {
  if (const ZoneAbbreviation* known = find_zone_abbreviation(to_lower(name))) {
    return {known->offset, nullptr};
  }
  const TimeZone* zone = find_time_zone(name);
  if (zone == nullptr) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   "time zone \"" + std::string(name) + "\" not recognized");
  }
  return {std::nullopt, zone};
}

// "+2", "-03:30", "+0530"
std::int32_t parse_offset(std::string_view text) {
  const auto refuse = [&](std::string_view message) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   std::string(message) + ": \"" + std::string(text) + "\"");
  };
  int parts[3] = {0, 0, 0};
  std::string_view rest = text.substr(1);
  std::size_t count = 0;
  while (count < 3) {
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), parts[count]);
    if (error != std::errc()) refuse("invalid input syntax for type numeric time zone");
    const auto length = static_cast<std::size_t>(end - rest.data());
    if (count == 0 && length == rest.size() && length > 2) {
      parts[1] = parts[0] % 100;
      parts[0] /= 100;
    }
    rest.remove_prefix(length);
    ++count;
    if (rest.empty()) break;
    if (rest[0] != ':') refuse("invalid input syntax for type numeric time zone");
    rest.remove_prefix(1);
  }
  if (parts[0] > 15 || parts[1] > 59 || parts[2] > 59) {
    refuse("numeric time zone \"" + std::string(text) + "\" out of range");
  }
  const std::int32_t seconds = (parts[0] * 60 + parts[1]) * 60 + parts[2];
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace

std::int64_t from_zone_named(std::int64_t timestamp, std::string_view name, bool takes_offsets) {
  if (!is_finite_timestamp(timestamp)) return timestamp;
  NamedZone named;
  if (takes_offsets && !name.empty() && (name[0] == '+' || name[0] == '-')) {
    named.offset = parse_offset(name);
  } else {
    named = find(name);
  }
  if (!named.offset) return from_local(timestamp, *named.zone);
  return checked_timestamp(timestamp - *named.offset * usecs_per_second);
}

std::int64_t to_zone_named(std::int64_t timestamptz, std::string_view name) {
  if (!is_finite_timestamp(timestamptz)) return timestamptz;
  const NamedZone named = find(name);
  if (!named.offset) return to_local(timestamptz, *named.zone);
  return checked_timestamp(timestamptz + *named.offset * usecs_per_second);
}

const TimeZone& zone_named(std::string_view name) {
  const NamedZone named = find(name);
  if (!named.offset) return *named.zone;
  // An abbreviation is a zone of one offset; POSIX counts to the west.
  const std::int32_t seconds = std::abs(*named.offset);
  const std::string rule =
      fmt::format("<{}>{}{:02}:{:02}:{:02}", name, *named.offset < 0 ? '+' : '-', seconds / 3600,
                  seconds / 60 % 60, seconds % 60);
  return session_time_zone(rule);
}

std::int32_t offset_now(std::string_view name, std::int64_t timestamptz) {
  const NamedZone named = find(name);
  return named.offset ? *named.offset : to_zone(timestamptz, *named.zone).offset;
}

}  // namespace dvecdb::server::functions
