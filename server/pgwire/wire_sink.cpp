#include "server/pgwire/wire_sink.h"

#include <fmt/format.h>

#include "server/pgwire/message_reader.h"
#include "server/pgwire/message_writer.h"
#include "server/types/oids.h"
#include "server/types/type_io.h"

namespace dvecdb::server::pgwire {

namespace {

using types::SqlError;
namespace sqlstate = types::sqlstate;
namespace oids = types::oids;

// Large enough to spare system calls, small enough to keep many slow clients cheap.
constexpr std::size_t flush_bytes = 128 * 1024;

std::int16_t format_of(std::span<const std::int16_t> formats, std::size_t column) {
  return column < formats.size() ? formats[column] : std::int16_t{0};
}

// pg_type.typlen of types that have a fixed width, for drivers that look at RowDescription.
std::int16_t type_length(types::Oid type) {
  switch (type) {
    case oids::boolean:
    case oids::internal_char:
      return 1;
    case oids::int2:
      return 2;
    case oids::int4:
    case oids::oid:
    case oids::xid:
    case oids::cid:
    case oids::float4:
    case oids::date:
    case oids::regproc:
    case oids::regclass:
    case oids::regtype:
    case oids::regnamespace:
    case oids::regrole:
      return 4;
    case oids::tid:
      return 6;
    case oids::int8:
    case oids::float8:
    case oids::time:
    case oids::timestamp:
    case oids::timestamptz:
    case oids::xid8:
      return 8;
    case oids::timetz:
      return 12;
    case oids::interval:
    case oids::uuid:
      return 16;
    case oids::name:
      return 64;
    default:
      return -1;
  }
}

}  // namespace

void WireSink::row_description(std::span<const exec::ResultColumn> columns,
                               std::span<const std::int16_t> formats) {
  MessageWriter message(out_);
  message.begin('T').int16(static_cast<std::int16_t>(columns.size()));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const exec::ResultColumn& column = columns[i];
    message.cstring(column.name)
        .int32(static_cast<std::int32_t>(column.table))
        .int16(column.column)
        .int32(static_cast<std::int32_t>(column.type.oid))
        .int16(type_length(column.type.oid))
        .int32(column.type.typmod)
        .int16(format_of(formats, i));
  }
  message.end();
}

void WireSink::row(std::span<const exec::ResultColumn> columns,
                   std::span<const std::int16_t> formats, std::span<const types::Value> values,
                   const types::IoContext& io) {
  const std::size_t start = out_.size();
  try {
    MessageWriter message(out_);
    message.begin('D').int16(static_cast<std::int16_t>(values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i].is_null()) {
        message.int32(-1);
        continue;
      }
      const std::size_t field = message.begin_field();
      if (format_of(formats, i) == 0) {
        types::output_text(io, columns[i].type, values[i], out_);
      } else {
        types::send_binary(io, columns[i].type, values[i], out_);
      }
      message.end_field(field);
    }
    message.end();
  } catch (...) {
    out_.resize(start);  // half a message must not reach the client
    throw;
  }
  flush_if_large();
}

void WireSink::parameter_description(std::span<const types::Oid> types) {
  MessageWriter message(out_);
  message.begin('t').int16(static_cast<std::int16_t>(types.size()));
  for (const types::Oid type : types) message.int32(static_cast<std::int32_t>(type));
  message.end();
}

void WireSink::command_complete(std::string_view tag) {
  MessageWriter message(out_);
  message.begin('C').cstring(tag).end();
}

void WireSink::error(const types::ErrorFields& fields) {
  // These end the session whoever raised them.
  if (fields.sqlstate == sqlstate::admin_shutdown ||
      fields.sqlstate == sqlstate::idle_in_transaction_session_timeout) {
    fatal(fields);
    return;
  }
  problem('E', "ERROR", fields);
}

void WireSink::fatal(const types::ErrorFields& fields) {
  is_fatal_ = true;
  problem('E', "FATAL", fields);
}

void WireSink::notice(std::string_view severity, const types::ErrorFields& fields) {
  problem('N', severity, fields);
}

void WireSink::problem(char type, std::string_view severity, const types::ErrorFields& fields) {
  MessageWriter message(out_);
  message.begin(type);
  const auto field = [&message](char code, std::string_view text) {
    if (!text.empty()) message.byte(code).cstring(text);
  };
  field('S', severity);
  field('V', severity);
  field('C', fields.sqlstate.empty() ? sqlstate::internal_error : fields.sqlstate);
  field('M', fields.message.empty() ? "missing error text" : std::string_view(fields.message));
  field('D', fields.detail);
  field('H', fields.hint);
  if (fields.position > 0) field('P', std::to_string(fields.position));
  field('W', fields.where);
  field('s', fields.schema);
  field('t', fields.table);
  field('c', fields.column);
  field('d', fields.datatype);
  field('n', fields.constraint);
  message.byte('\0').end();
}

void WireSink::parameter_status(std::string_view name, std::string_view value) {
  MessageWriter message(out_);
  message.begin('S').cstring(name).cstring(value).end();
}

void WireSink::notification(std::int32_t pid, std::string_view channel, std::string_view payload) {
  MessageWriter message(out_);
  message.begin('A').int32(pid).cstring(channel).cstring(payload).end();
}

void WireSink::copy_response(char type, exec::CopyFormat format, int columns) {
  const std::int16_t code = format == exec::CopyFormat::binary ? 1 : 0;
  MessageWriter message(out_);
  message.begin(type).byte(static_cast<char>(code)).int16(static_cast<std::int16_t>(columns));
  for (int i = 0; i < columns; ++i) message.int16(code);
  message.end();
}

void WireSink::copy_in(exec::CopyFormat format, int columns) {
  copy_response('G', format, columns);
  copy_in_unfinished_ = true;
  flush();
}

std::optional<std::string_view> WireSink::copy_read() {
  while (true) {
    transport_.read_frame(copy_frame_);
    switch (copy_frame_.type) {
      case 'd':
        return copy_frame_.body;
      case 'c':
        copy_in_unfinished_ = false;
        return std::nullopt;
      case 'f': {
        copy_in_unfinished_ = false;
        MessageReader reader(copy_frame_.body);
        throw SqlError(sqlstate::query_canceled,
                       "COPY from stdin failed: " + std::string(reader.cstring()));
      }
      case 'H':
      case 'S':
        break;  // the client may flush and sync early: ignored, as PostgreSQL does
      default:
        throw SqlError(sqlstate::protocol_violation,
                       fmt::format("unexpected message type 0x{:02X} during COPY from stdin",
                                   static_cast<unsigned char>(copy_frame_.type)));
    }
  }
}

void WireSink::copy_out(exec::CopyFormat format, int columns) {
  copy_response('H', format, columns);
}

void WireSink::copy_data(std::string_view bytes) {
  MessageWriter message(out_);
  message.begin('d').bytes(bytes).end();
  flush_if_large();
}

void WireSink::ready(exec::TransactionStatus status) {
  MessageWriter message(out_);
  message.begin('Z').byte(static_cast<char>(status)).end();
}

void WireSink::authentication(std::int32_t code, std::string_view payload) {
  MessageWriter message(out_);
  message.begin('R').int32(code).bytes(payload).end();
}

void WireSink::backend_key(std::int32_t pid, std::int32_t secret) {
  MessageWriter message(out_);
  message.begin('K').int32(pid).int32(secret).end();
}

void WireSink::negotiate_protocol(int minor_version, std::span<const std::string> unknown) {
  MessageWriter message(out_);
  message.begin('v').int32(minor_version).int32(static_cast<std::int32_t>(unknown.size()));
  for (const std::string& option : unknown) message.cstring(option);
  message.end();
}

void WireSink::empty_message(char type) {
  MessageWriter message(out_);
  message.begin(type).end();
}

void WireSink::flush_if_large() {
  if (out_.size() >= flush_bytes) flush();
}

void WireSink::flush() {
  if (out_.empty()) return;
  transport_.write(out_);
  out_.clear();
  if (out_.capacity() > 4 * flush_bytes) out_.shrink_to_fit();
}

}  // namespace dvecdb::server::pgwire
