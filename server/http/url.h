// The request's target, taken apart (RFC 3986). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/message.h"

namespace dvecdb::server::http {

// Nullopt for a % that is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

struct Target {
  std::string path;                   // as sent
  std::vector<std::string> segments;  // between its slashes, each decoded by itself
  TextMap query;
};

// "/a/b%2Fc?x=1&y" or the same with "http://host" in front; "*" has no segments. Nullopt when it is
// none of these or a % is malformed.
std::optional<Target> parse_target(std::string_view text);

}  // namespace dvecdb::server::http
