#include "server/pgwire/frontend.h"

#include <string>

#include "server/pgwire/message_reader.h"

namespace dvecdb::server::pgwire {

namespace {

using types::SqlError;
namespace sqlstate = types::sqlstate;

std::size_t decode_count(MessageReader& reader) {
  // A signed 16-bit field in the protocol; clients with more than 32767 parameters send it as
  // unsigned.
  return static_cast<std::uint16_t>(reader.int16());
}

std::vector<std::int16_t> decode_formats(MessageReader& reader) {
  std::vector<std::int16_t> formats(decode_count(reader));
  for (std::int16_t& format : formats) {
    format = reader.int16();
    if (format != 0 && format != 1) {
      throw SqlError(sqlstate::invalid_parameter_value,
                     "unsupported format code: " + std::to_string(format));
    }
  }
  return formats;
}

exec::Session::Parameter decode_parameter(MessageReader& reader) {
  const std::int32_t length = reader.int32();
  if (length == -1) return {.is_null = true, .bytes = {}};
  if (length < 0) {
    throw SqlError(sqlstate::protocol_violation,
                   "invalid parameter length " + std::to_string(length) + " in bind message");
  }
  return {.is_null = false, .bytes = reader.bytes(static_cast<std::size_t>(length))};
}

}  // namespace

bool is_frontend_message(char type) {
  return type != '\0' && std::string_view("QPBDECHSXdcfFp").find(type) != std::string_view::npos;
}

std::size_t body_limit(char type) {
  const bool is_large = std::string_view("QPBdF").find(type) != std::string_view::npos;
  return is_large ? max_message_bytes : max_small_message_bytes;
}

SaslInitialMessage decode_sasl_initial(std::string_view body) {
  MessageReader reader(body);
  SaslInitialMessage message;
  message.mechanism = reader.cstring();
  const std::int32_t length = reader.int32();
  if (length < 0) throw SqlError(sqlstate::protocol_violation, "invalid SASL message length");
  message.data = reader.bytes(static_cast<std::size_t>(length));
  reader.expect_end();
  return message;
}

std::string_view decode_query(std::string_view body) {
  MessageReader reader(body);
  const std::string_view text = reader.cstring();
  reader.expect_end();
  return text;
}

ParseMessage decode_parse(std::string_view body) {
  MessageReader reader(body);
  ParseMessage message;
  message.name = reader.cstring();
  message.text = reader.cstring();
  message.types.resize(decode_count(reader));
  for (types::Oid& type : message.types) type = static_cast<types::Oid>(reader.int32());
  reader.expect_end();
  return message;
}

BindMessage decode_bind(std::string_view body) {
  MessageReader reader(body);
  BindMessage message;
  message.portal = reader.cstring();
  message.statement = reader.cstring();
  message.formats = decode_formats(reader);
  message.parameters.resize(decode_count(reader));
  if (message.formats.size() > 1 && message.formats.size() != message.parameters.size()) {
    throw SqlError(sqlstate::protocol_violation,
                   "bind message has " + std::to_string(message.formats.size()) +
                       " parameter formats but " + std::to_string(message.parameters.size()) +
                       " parameters");
  }
  for (exec::Session::Parameter& parameter : message.parameters) {
    parameter = decode_parameter(reader);
  }
  message.result_formats = decode_formats(reader);
  reader.expect_end();
  return message;
}

TargetMessage decode_target(std::string_view body, std::string_view message_name) {
  MessageReader reader(body);
  TargetMessage message;
  message.kind = static_cast<char>(reader.byte());
  message.name = reader.cstring();
  reader.expect_end();
  if (message.kind != 'S' && message.kind != 'P') {
    throw SqlError(sqlstate::protocol_violation,
                   "invalid " + std::string(message_name) + " message subtype " +
                       std::to_string(static_cast<unsigned char>(message.kind)));
  }
  return message;
}

ExecuteMessage decode_execute(std::string_view body) {
  MessageReader reader(body);
  ExecuteMessage message;
  message.portal = reader.cstring();
  message.max_rows = reader.int32();
  reader.expect_end();
  return message;
}

}  // namespace dvecdb::server::pgwire
