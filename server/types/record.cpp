#include "server/types/record.h"

#include <algorithm>

#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/little_endian.h"

namespace dvecdb::server::types {

Value encode_record(const std::vector<RecordField>& fields) {
  std::string out;
  append_little_endian(out, static_cast<std::uint16_t>(fields.size()));
  for (const RecordField& field : fields) {
    append_little_endian(out, field.type.oid);
    append_little_endian(out, field.type.typmod);
    append_value(out, field.value);
  }
  const bool has_names = std::any_of(fields.begin(), fields.end(),
                                     [](const RecordField& field) { return !field.name.empty(); });
  if (has_names) {
    for (const RecordField& field : fields) append_value(out, Value::text_view(field.name));
  }
  return Value::blob(std::move(out));
}

std::vector<RecordField> decode_record(std::string_view bytes) {
  constexpr std::size_t count_bytes = 2;
  constexpr std::size_t type_bytes = 8;
  auto damaged = [] { return SqlError(sqlstate::data_corrupted, "damaged record value"); };
  if (bytes.size() < count_bytes) throw damaged();
  std::vector<RecordField> fields(read_little_endian<std::uint16_t>(bytes.data()));
  std::size_t offset = count_bytes;
  for (RecordField& field : fields) {
    if (bytes.size() - offset < type_bytes) throw damaged();
    field.type.oid = read_little_endian<Oid>(bytes.data() + offset);
    field.type.typmod = read_little_endian<std::int32_t>(bytes.data() + offset + 4);
    offset += type_bytes;
    field.value = read_value(bytes, offset);
  }
  if (offset == bytes.size()) return fields;
  for (RecordField& field : fields) field.name = read_value(bytes, offset).as_bytes();
  if (offset != bytes.size()) throw damaged();
  return fields;
}

}  // namespace dvecdb::server::types
