#include <algorithm>
#include <bit>

#include "server/types/binary.h"
#include "server/types/little_endian.h"
#include "server/types/vector_refusal.h"
#include "server/types/vector_value.h"

namespace dvecdb::server::types {
namespace {

std::uint32_t ordered_bits(float value) {
  auto bits = std::bit_cast<std::uint32_t>(value);
  return value < 0 ? ~bits : bits | 0x80000000;
}

}  // namespace

core::SparseView view_of(const SparseVector& vector) {
  return {vector.indices.data(), vector.values.data(), vector.indices.size()};
}

std::string parse_sparsevec(std::string_view text, std::int32_t typmod) {
  std::vector<core::SparseElement> elements(core::elements_at_most(text));
  const core::SparseShape shape =
      translated([&] { return core::parse_sparse(text, typmod, elements.data()); });
  elements.resize(static_cast<std::size_t>(shape.count));
  SparseVector vector;
  vector.dimensions = shape.dimensions;
  for (const core::SparseElement& element : elements) {
    vector.indices.push_back(element.index);
    vector.values.push_back(element.value);
  }
  return encode_sparsevec(vector);
}

void format_sparsevec(std::string_view bytes, std::string& out) {
  const SparseVector vector = decode_sparsevec(bytes);
  const std::size_t start = out.size();
  out.resize(start + core::sparse_text_room(vector.indices.size()));
  const char* end = core::print_sparse(view_of(vector), vector.dimensions, out.data() + start);
  out.resize(static_cast<std::size_t>(end - out.data()));
}

std::string receive_sparsevec(std::string_view message, std::int32_t typmod) {
  const core::SparseShape shape =
      translated([&] { return core::receive_sparse_head(message, typmod); });
  SparseVector vector;
  vector.dimensions = shape.dimensions;
  vector.indices.resize(static_cast<std::size_t>(shape.count));
  vector.values.resize(static_cast<std::size_t>(shape.count));
  translated([&] {
    core::receive_sparse_elements(message, shape, vector.indices.data(), vector.values.data());
  });
  BinaryReader(message).finish();
  return encode_sparsevec(vector);
}

void send_sparsevec(std::string_view bytes, std::string& out) {
  const SparseVector vector = decode_sparsevec(bytes);
  const std::size_t start = out.size();
  out.resize(start + core::sparse_message_size(vector.indices.size()));
  core::send_sparse(view_of(vector), vector.dimensions, out.data() + start);
}

int compare_sparsevec(std::string_view a, std::string_view b) {
  const SparseVector x = decode_sparsevec(a);
  const SparseVector y = decode_sparsevec(b);
  return core::compare_sparse(view_of(x), x.dimensions, view_of(y), y.dimensions);
}

// The order is that of the dense vectors. So an element above zero sorts after any run of zeros,
// the sooner it comes the higher; one below zero before, the sooner the lower. The end is like an
// element below everything: what goes on is greater.
std::string sparsevec_sort_key(std::string_view bytes) {
  constexpr char below_zero = 0;
  constexpr char above_zero = 1;
  SparseVector vector = decode_sparsevec(bytes);
  std::string key;
  for (std::size_t i = 0; i < vector.indices.size(); ++i) {
    auto index = static_cast<std::uint32_t>(vector.indices[i]);
    bool is_negative = vector.values[i] < 0;
    key.push_back(is_negative ? below_zero : above_zero);
    append_u32(key, is_negative ? index : ~index);
    append_u32(key, ordered_bits(vector.values[i]));
  }
  key.push_back(below_zero);
  append_u32(key, static_cast<std::uint32_t>(vector.dimensions));
  return key;
}

SparseVector decode_sparsevec(std::string_view bytes) {
  SparseVector vector;
  constexpr std::size_t header = 8;
  auto damaged = [] { return SqlError(sqlstate::data_corrupted, "damaged sparsevec value"); };
  if (bytes.size() < header) throw damaged();
  vector.dimensions = read_little_endian<std::int32_t>(bytes.data());
  auto count = read_little_endian<std::uint32_t>(bytes.data() + 4);
  if (bytes.size() != header + 8 * static_cast<std::size_t>(count)) throw damaged();
  vector.indices.resize(count);
  vector.values.resize(count);
  if (count == 0) return vector;
  std::memcpy(vector.indices.data(), bytes.data() + header, 4 * std::size_t{count});
  std::memcpy(vector.values.data(), bytes.data() + header + 4 * std::size_t{count},
              4 * std::size_t{count});
  return vector;
}

std::string encode_sparsevec(const SparseVector& vector) {
  std::string bytes;
  append_little_endian(bytes, vector.dimensions);
  append_little_endian(bytes, static_cast<std::uint32_t>(vector.indices.size()));
  for (std::int32_t index : vector.indices) append_little_endian(bytes, index);
  for (float value : vector.values) append_little_endian(bytes, value);
  return bytes;
}

}  // namespace dvecdb::server::types
