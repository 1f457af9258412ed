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
  std::vector<std::int64_t> sequences;
  std::vector<std::int64_t> ids;
  std::vector<std::uint64_t> nodes;
  std::unique_ptr<float[]> vectors;
};

// What a search scans of a chunk: the entries [begin, end), which do not change any more.
struct DeltaPart {
  std::shared_ptr<const DeltaChunk> chunk;
  std::size_t begin = 0;
  std::size_t end = 0;
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
  bool is_empty() const { return size_ == 0; }
  // Of the entries that wait, the oldest ones, at most `limit`; all of one chunk. There must be
  // one.
  DeltaPart front(std::size_t limit) const;
  // The change that the oldest one came with.
  std::int64_t first_sequence() const { return chunks_.front()->sequences[popped_]; }
  // Forgets the oldest `count` entries, which front() gave.
  void pop_front(std::size_t count);

 private:
  std::size_t dimensions_;
  std::size_t size_ = 0;
  std::size_t popped_ = 0;  // of the first chunk
  std::deque<std::shared_ptr<DeltaChunk>> chunks_;
};

}  // namespace dvecdb::server::storage
