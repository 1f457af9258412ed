#include "extension/am/build/graph_values.h"

#include <algorithm>
#include <cfloat>
#include <cstring>

namespace dvecdb::extension {

GraphValues::GraphValues(const IndexShape& shape)
    : element_(shape.element), dims_(shape.dims), codes_(NodeCodes::make(shape, {})) {}

std::size_t GraphValues::value_bytes() const {
  return is_sparse() ? sizeof(const std::uint8_t*) : codes_->code_bytes();
}

const std::uint8_t* GraphValues::bytes_of(const std::uint8_t* value) const {
  if (!is_sparse()) return value;
  const std::uint8_t* bytes;
  std::memcpy(&bytes, value, sizeof bytes);
  return bytes;
}

Value GraphValues::value_of_bytes(const std::uint8_t* value) const {
  return stored_value(element_, dims_, bytes_of(value));
}

void GraphValues::distances(const std::uint8_t* from, const std::uint8_t* const* to,
                            std::size_t count, float* out) const {
  if (is_sparse()) {
    for (std::size_t i = 0; i < count; ++i) __builtin_prefetch(bytes_of(to[i]));
  }
  const Value query = value_of_bytes(from);
  for (std::size_t i = 0; i < count; ++i) {
    const double distance = codes_->exact(query, value_of_bytes(to[i]));
    out[i] = static_cast<float>(std::min<double>(distance, FLT_MAX));
  }
}

void GraphValues::keep(std::span<const std::uint8_t> stored, std::vector<std::uint8_t>& out) {
  if (!is_sparse()) {
    out.insert(out.end(), stored.begin(), stored.end());
    return;
  }
  std::uint8_t* kept = room_for(stored.size());
  std::memcpy(kept, stored.data(), stored.size());
  const auto* pointer = reinterpret_cast<const std::uint8_t*>(&kept);
  out.insert(out.end(), pointer, pointer + sizeof kept);
}

std::span<const std::uint8_t> GraphValues::stored(const std::uint8_t* value) const {
  return {bytes_of(value), stored_bytes(element_, value_of_bytes(value))};
}

std::uint8_t* GraphValues::room_for(std::size_t bytes) {
  if (bytes > kChunkBytes / 8) {
    large_.push_back(std::make_unique<std::uint8_t[]>(bytes));
    large_bytes_ += bytes;
    return large_.back().get();
  }
  if (used_ + bytes > kChunkBytes) {
    chunks_.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(kChunkBytes));
    used_ = 0;
  }
  std::uint8_t* room = chunks_.back().get() + used_;
  used_ += bytes;
  return room;
}

}  // namespace dvecdb::extension
