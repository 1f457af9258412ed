// Committed vectors that wait for their place in the graph, scanned exactly by every search.
//
// Chunks are filled by one thread while searches read the part that was filled when they began.
// Not thread-safe by itself: VectorIndex guards it, except for reading what a DeltaPart spans.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace dvecdb::server::storage {

struct DeltaChunk {
  DeltaChunk(std::size_t capacity, std::size_t dimensions);

  std::size_t capacity;
  std::size_t size = 0;
  std::int64_t first_sequence = 0;
  std::vector<std::int64_t> ids;
  std::vector<std::uint64_t> nodes;
  std::unique_ptr<float[]> vectors;
};

// What a search scans of a chunk: the first `size` entries, which do not change any more.
struct DeltaPart {
  std::shared_ptr<const DeltaChunk> chunk;
  std::size_t size;
};

class VectorDelta {
 public:
  explicit VectorDelta(std::size_t dimensions) : dimensions_(dimensions) {}

  // `expected`: how many entries will probably follow this one soon.
  void append(std::int64_t sequence, std::int64_t id, std::uint64_t node, const float* vector,
              std::size_t expected);
  std::vector<DeltaPart> capture() const;
  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const;
  bool is_empty() const { return chunks_.empty(); }
  // The chunk that waits longest. There must be one, and nothing be appended until it is popped.
  std::shared_ptr<const DeltaChunk> front() const { return chunks_.front(); }
  void pop_front();

 private:
  std::size_t dimensions_;
  std::size_t size_ = 0;
  std::deque<std::shared_ptr<DeltaChunk>> chunks_;
};

}  // namespace dvecdb::server::storage
