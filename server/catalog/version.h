// What the server says it is, so that clients' version parsers see PostgreSQL 15.
#pragma once

#include <string_view>

namespace dvecdb::server::catalog {

inline constexpr std::string_view server_version = "15.0";
inline constexpr std::string_view server_version_number = "150000";
inline constexpr std::string_view version_text = "PostgreSQL 15.0 (d-vecDB " DVECDB_VERSION
                                                 ") on "
#if defined(__x86_64__)
                                                 "x86_64-pc-linux-gnu"
#elif defined(__aarch64__)
                                                 "aarch64-unknown-linux-gnu"
#else
                                                 "unknown"
#endif
                                                 ", 64-bit";

}  // namespace dvecdb::server::catalog
