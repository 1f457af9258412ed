// The first packets of a connection, which carry no type byte. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace dvecdb::server::pgwire {

inline constexpr std::size_t max_startup_bytes = 10000;  // PostgreSQL's MAX_STARTUP_PACKET_LENGTH
inline constexpr std::size_t max_startup_parameters = 200;

struct SslRequest {};
struct GssEncryptionRequest {};
struct CancelRequest {
  std::int32_t pid = 0;
  std::int32_t secret = 0;
};
struct StartupRequest {
  int minor_version = 0;
  std::string user;
  std::string database;  // the user's name when the client named none
  bool wants_replication = false;
  // Settings, those of the "options" parameter (-c name=value, --name=value) included, in order.
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> unknown_protocol_options;  // _pq_.*
};
using StartupPacket = std::variant<SslRequest, GssEncryptionRequest, CancelRequest, StartupRequest>;

// `body`: the packet after its length word. Throws SqlError (08P01, 0A000, 28000).
StartupPacket parse_startup(std::string_view body);

// Splits the "options" parameter as PostgreSQL does: blanks separate, a backslash escapes.
std::vector<std::string> split_options(std::string_view options);

}  // namespace dvecdb::server::pgwire
