#include <fmt/format.h>

#include <array>

#include "server/types/binary.h"
#include "server/types/error.h"
#include "server/types/json.h"
#include "server/types/json_path.h"
#include "server/types/oids.h"
#include "server/types/type_handler.h"
#include "server/types/utf8.h"

namespace dvecdb::server::types {
namespace {

Value input_json(const IoContext&, TypeRef, std::string_view text) {
  check_utf8(text);
  check_json(text);
  return Value::text(std::string(text));
}

Value input_jsonb(const IoContext&, TypeRef, std::string_view text) {
  check_utf8(text);
  return Value::text(jsonb_text(parse_jsonb(text)));
}

void output_any(const IoContext&, TypeRef, const Value& value, std::string& out) {
  out += value.as_bytes();
}

// A version byte stands before jsonb and jsonpath.
constexpr std::uint8_t binary_version = 1;

std::string_view without_version(std::string_view bytes, std::string_view type) {
  BinaryReader reader(bytes);
  int version = reader.u8();
  if (version != binary_version) {
    throw SqlError(sqlstate::internal_error,
                   fmt::format("unsupported {} version number {}", type, version));
  }
  return reader.rest();
}

Value receive_jsonb(const IoContext& context, TypeRef type, std::string_view bytes) {
  return input_jsonb(context, type, without_version(bytes, "jsonb"));
}

void send_versioned(const IoContext&, TypeRef, const Value& value, std::string& out) {
  append_u8(out, binary_version);
  out += value.as_bytes();
}

// A path is kept as it was written.
Value input_path(const IoContext&, TypeRef, std::string_view text) {
  check_utf8(text);
  parse_json_path(text);
  return Value::text(std::string(text));
}

Value receive_path(const IoContext& context, TypeRef type, std::string_view bytes) {
  return input_path(context, type, without_version(bytes, "jsonpath"));
}

constexpr std::array handlers{
    TypeHandler{.oid = oids::jsonpath,
                .input = input_path,
                .output = output_any,
                .receive = receive_path,
                .send = send_versioned,
                .ordering = Ordering::none},
    TypeHandler{.oid = oids::json,
                .input = input_json,
                .output = output_any,
                .receive = input_json,
                .send = output_any,
                .ordering = Ordering::none},
    TypeHandler{.oid = oids::jsonb,
                .input = input_jsonb,
                .output = output_any,
                .receive = receive_jsonb,
                .send = send_versioned,
                .ordering = Ordering::collation,
                .collation = "jsonb",
                .collate = compare_jsonb_text},
};

}  // namespace

TypeHandlers json_types() {
  return handlers;
}

}  // namespace dvecdb::server::types
