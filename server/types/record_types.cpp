#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "server/types/array_text.h"
#include "server/types/binary.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/record.h"
#include "server/types/type_handler.h"

namespace dvecdb::server::types {
namespace {

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

const TypeDesc& composite(const IoContext& context, TypeRef type) {
  const TypeDesc* desc = context.types == nullptr ? nullptr : context.types->find_type(type.oid);
  if (desc == nullptr || desc->kind != TypeKind::composite) {
    throw SqlError(sqlstate::feature_not_supported,
                   "input of anonymous composite types is not implemented");
  }
  return *desc;
}

SqlError malformed(std::string_view text, std::string detail) {
  return SqlError(sqlstate::invalid_text_representation,
                  fmt::format("malformed record literal: \"{}\"", text))
      .detail(std::move(detail));
}

// One field up to an unquoted comma or parenthesis; quotes may come and go within it.
std::string read_field(std::string_view text, std::size_t& at) {
  std::string field;
  bool in_quotes = false;
  for (;; ++at) {
    if (at == text.size()) throw malformed(text, "Unexpected end of input.");
    char c = text[at];
    if (c == '\\') {
      if (++at == text.size()) throw malformed(text, "Unexpected end of input.");
      field.push_back(text[at]);
    } else if (c == '"') {
      bool is_doubled = in_quotes && at + 1 < text.size() && text[at + 1] == '"';
      if (is_doubled) {
        field.push_back('"');
        ++at;
      } else {
        in_quotes = !in_quotes;
      }
    } else if (!in_quotes && (c == ',' || c == ')')) {
      return field;
    } else {
      field.push_back(c);
    }
  }
}

Value input_record(const IoContext& context, TypeRef type, std::string_view text) {
  const TypeDesc& desc = composite(context, type);
  std::size_t at = 0;
  while (at < text.size() && is_blank(text[at])) ++at;
  if (at == text.size() || text[at] != '(') throw malformed(text, "Missing left parenthesis.");
  ++at;
  std::vector<RecordField> fields;
  for (const CompositeColumn& column : desc.columns) {
    if (!fields.empty()) {
      if (at == text.size() || text[at] != ',') throw malformed(text, "Too few columns.");
      ++at;
    }
    bool is_null = at < text.size() && (text[at] == ',' || text[at] == ')');
    Value value;
    if (!is_null) value = input_text(context, column.type, read_field(text, at)).own();
    fields.push_back({column.type, std::move(value)});
  }
  if (at == text.size() || text[at] != ')') throw malformed(text, "Too many columns.");
  ++at;
  while (at < text.size() && is_blank(text[at])) ++at;
  if (at != text.size()) throw malformed(text, "Junk after right parenthesis.");
  return encode_record(fields);
}

void append_field(std::string_view field, std::string& out) {
  bool needs_quotes =
      field.empty() || std::any_of(field.begin(), field.end(), [](char c) {
        return c == '"' || c == '\\' || c == '(' || c == ')' || c == ',' || is_blank(c);
      });
  if (!needs_quotes) {
    out += field;
    return;
  }
  out.push_back('"');
  for (char c : field) {
    if (c == '"' || c == '\\') out.push_back(c);
    out.push_back(c);
  }
  out.push_back('"');
}

void output_record(const IoContext& context, TypeRef, const Value& value, std::string& out) {
  out.push_back('(');
  bool is_first = true;
  std::string text;
  for (const RecordField& field : decode_record(value.as_bytes())) {
    if (!is_first) out.push_back(',');
    is_first = false;
    if (field.value.is_null()) continue;
    text.clear();
    output_text(context, field.type, field.value, text);
    append_field(text, out);
  }
  out.push_back(')');
}

Value receive_record(const IoContext& context, TypeRef type, std::string_view bytes) {
  const TypeDesc& desc = composite(context, type);
  BinaryReader reader(bytes);
  std::int32_t count = reader.i32();
  if (count < 0 || static_cast<std::size_t>(count) != desc.columns.size()) {
    throw SqlError(
        sqlstate::datatype_mismatch,
        fmt::format("wrong number of columns: {}, expected {}", count, desc.columns.size()));
  }
  std::vector<RecordField> fields;
  for (const CompositeColumn& column : desc.columns) {
    Oid sent = reader.u32();
    if (sent != column.type.oid) {
      throw SqlError(sqlstate::datatype_mismatch,
                     fmt::format("binary data has type {} ({}) instead of expected {} ({}) in "
                                 "record column {}",
                                 sent, type_name(context, sent), column.type.oid,
                                 type_name(context, column.type.oid), fields.size() + 1));
    }
    std::int32_t length = reader.i32();
    if (length < -1) {
      throw SqlError(sqlstate::invalid_binary_representation, "insufficient data left in message");
    }
    Value value;
    if (length >= 0) {
      value = receive_binary(context, column.type, reader.take(static_cast<std::size_t>(length)));
    }
    fields.push_back({column.type, std::move(value)});
  }
  reader.finish();
  return encode_record(fields);
}

void send_record(const IoContext& context, TypeRef, const Value& value, std::string& out) {
  std::vector<RecordField> fields = decode_record(value.as_bytes());
  append_u32(out, static_cast<std::uint32_t>(fields.size()));
  std::string bytes;
  for (const RecordField& field : fields) {
    append_u32(out, field.type.oid);
    if (field.value.is_null()) {
      append_u32(out, 0xffffffff);
      continue;
    }
    bytes.clear();
    send_binary(context, field.type, field.value, bytes);
    append_u32(out, static_cast<std::uint32_t>(bytes.size()));
    out += bytes;
  }
}

int compare_records(const IoContext& context, Oid, const Value& left, const Value& right) {
  std::vector<RecordField> a = decode_record(left.as_bytes());
  std::vector<RecordField> b = decode_record(right.as_bytes());
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i].type.oid != b[i].type.oid) {
      throw SqlError(
          sqlstate::datatype_mismatch,
          fmt::format("cannot compare dissimilar column types {} and {} at record "
                      "column {}",
                      type_name(context, a[i].type.oid), type_name(context, b[i].type.oid), i + 1));
    }
    bool a_null = a[i].value.is_null();
    bool b_null = b[i].value.is_null();
    if (a_null && b_null) continue;
    if (a_null || b_null) return a_null ? 1 : -1;
    int order = compare(context, a[i].type.oid, a[i].value, b[i].value);
    if (order != 0) return order;
  }
  if (a.size() != b.size()) {
    throw SqlError(sqlstate::datatype_mismatch,
                   "cannot compare record types with different numbers of columns");
  }
  return 0;
}

std::string record_sort_key(const IoContext& context, Oid, const Value& value) {
  std::string key;
  for (const RecordField& field : decode_record(value.as_bytes())) {
    append_sort_item(context, field.type.oid, field.value, key);
  }
  return key;
}

}  // namespace

const TypeHandler& record_handler() {
  static constexpr TypeHandler handler{.input = input_record,
                                       .output = output_record,
                                       .receive = receive_record,
                                       .send = send_record,
                                       .ordering = Ordering::sort_key,
                                       .compare = compare_records,
                                       .sort_key = record_sort_key};
  return handler;
}

}  // namespace dvecdb::server::types
