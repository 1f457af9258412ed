// Base64 as encode() and decode() have it: lines of 76 characters. Pure.
#pragma once

#include <string>
#include <string_view>

namespace dvecdb::server::functions {

void append_base64(std::string_view bytes, std::string& out);
// Throws SqlError (22023).
std::string parse_base64(std::string_view text);

}  // namespace dvecdb::server::functions
