#include "server/storage/vector_delta.h"

#include <algorithm>
#include <cstring>

namespace dvecdb::server::storage {

namespace {

constexpr std::size_t largest_chunk = 512;

}  // namespace

DeltaChunk::DeltaChunk(std::size_t capacity_in, std::size_t dimensions)
    : capacity(capacity_in),
      sequences(capacity_in),
      ids(capacity_in),
      nodes(capacity_in),
      vectors(new float[capacity_in * dimensions]) {}

void VectorDelta::append(std::int64_t sequence, std::int64_t id, std::uint64_t node,
                         const float* vector, std::size_t expected) {
  if (chunks_.empty() || chunks_.back()->size == chunks_.back()->capacity) {
    const std::size_t capacity = std::clamp<std::size_t>(expected, 1, largest_chunk);
    chunks_.push_back(std::make_shared<DeltaChunk>(capacity, dimensions_));
  }
  DeltaChunk& chunk = *chunks_.back();
  chunk.sequences[chunk.size] = sequence;
  chunk.ids[chunk.size] = id;
  chunk.nodes[chunk.size] = node;
  std::memcpy(chunk.vectors.get() + chunk.size * dimensions_, vector, dimensions_ * sizeof(float));
  ++chunk.size;
  ++size_;
}

std::vector<DeltaPart> VectorDelta::capture() const {
  std::vector<DeltaPart> parts;
  parts.reserve(chunks_.size());
  std::size_t begin = popped_;
  for (const auto& chunk : chunks_) {
    parts.push_back({chunk, begin, chunk->size});
    begin = 0;
  }
  return parts;
}

std::size_t VectorDelta::memory_bytes() const {
  std::size_t entries = 0;
  for (const auto& chunk : chunks_) entries += chunk->capacity;
  return entries * (dimensions_ * sizeof(float) + 24);
}

DeltaPart VectorDelta::front(std::size_t limit) const {
  const auto& chunk = chunks_.front();
  return {chunk, popped_, std::min(chunk->size, popped_ + limit)};
}

void VectorDelta::pop_front(std::size_t count) {
  popped_ += count;
  size_ -= count;
  if (popped_ < chunks_.front()->size) return;
  chunks_.pop_front();
  popped_ = 0;
}

}  // namespace dvecdb::server::storage
