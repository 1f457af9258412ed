#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace dvecdb::core {

/// Items of one size, numbered from 0, at addresses that never change: memory comes in chunks,
/// found through a table. The memory of a new item is zero. Once there are
/// two, they ask for huge pages, as random access to many small pages costs more in translation
/// than in memory.
///
/// One thread at a time may grow; readers of items below the size that was published to them (by
/// any release and acquire) need no lock. Tables that growth replaced are kept for such readers.
class Arena {
 public:
  explicit Arena(std::size_t stride);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  std::uint8_t* at(std::uint32_t item) const {
    std::uint8_t* const* chunks = table_.load(std::memory_order_acquire);
    return chunks[item >> shift_] + static_cast<std::size_t>(item & mask_) * stride_;
  }

  /// Makes items below `count` addressable. Throws std::bad_alloc.
  void grow(std::uint32_t count);

  std::size_t stride() const { return stride_; }
  std::uint32_t items_per_chunk() const { return mask_ + 1; }

 private:
  std::uint8_t* map_chunk() const;

  std::size_t stride_;
  std::uint32_t shift_;
  std::uint32_t mask_;
  std::size_t chunk_bytes_;
  std::atomic<std::uint8_t**> table_{nullptr};
  std::size_t chunks_ = 0;
  std::size_t table_size_ = 0;
  std::vector<std::unique_ptr<std::uint8_t*[]>> tables_;
};

}  // namespace dvecdb::core
