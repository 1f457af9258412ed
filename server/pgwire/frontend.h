// Frontend messages of the extended protocol, decoded. Pure; results borrow the message's bytes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "server/exec/session.h"

namespace dvecdb::server::pgwire {

// Largest message that is taken in, as PostgreSQL's MaxAllocSize; small for types that need little.
inline constexpr std::size_t max_message_bytes = 0x3fffffff;
inline constexpr std::size_t max_small_message_bytes = 10000;

// True for the message types that a frontend may send after startup.
bool is_frontend_message(char type);
// The largest body that a message of the type may have.
std::size_t body_limit(char type);

struct ParseMessage {
  std::string_view name, text;
  std::vector<types::Oid> types;
};
struct BindMessage {
  std::string_view portal, statement;
  std::vector<std::int16_t> formats;
  std::vector<exec::Session::Parameter> parameters;
  std::vector<std::int16_t> result_formats;
};
struct TargetMessage {  // Describe, Close
  char kind = 'S';      // 'S' statement, 'P' portal
  std::string_view name;
};
struct ExecuteMessage {
  std::string_view portal;
  std::int32_t max_rows = 0;
};

struct SaslInitialMessage {
  std::string_view mechanism, data;
};

// Throw SqlError 08P01 on malformed bytes.
SaslInitialMessage decode_sasl_initial(std::string_view body);
ParseMessage decode_parse(std::string_view body);
BindMessage decode_bind(std::string_view body);
TargetMessage decode_target(std::string_view body, std::string_view message_name);
ExecuteMessage decode_execute(std::string_view body);
std::string_view decode_query(std::string_view body);

}  // namespace dvecdb::server::pgwire
