// The system's tz database: compiled files (RFC 8536) under /usr/share/zoneinfo.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "server/types/time_zone.h"

namespace dvecdb::server::types {

// Any case of the name; nullptr when there is no such file or it is damaged.
std::unique_ptr<TimeZone> load_zone_file(std::string_view name);
// The names of all zones, as the files spell them, sorted.
const std::vector<std::string>& zone_file_names();

}  // namespace dvecdb::server::types
