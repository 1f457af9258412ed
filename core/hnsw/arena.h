#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/index_file/file.h"

namespace dvecdb::core {

/// Items of one size, numbered from 0, at addresses that never change: memory comes in chunks,
/// found through a table. The memory of a new item is zero. All but the first few MB ask for huge
/// pages, and once there are two chunks those, too, as random access to many small pages costs more
/// in translation than in memory.
///
/// The first items may be those of a file, used in place: pages are read when they are touched, and
/// what is changed is copied and stays in memory. The file may lose its name, but must not be cut
/// short.
///
/// Items can be kept on disk: new ones then go to a file, too, through write(), and are read from
/// its pages, which the system keeps in memory while there is room. Their reader says ahead what it
/// will need: reads of random pages are slow one after the other, but not side by side.
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

  /// Before there are items: keeps them on disk, new ones in a file without a name in `folder`.
  /// Throws FileError.
  void keep_on_disk(const std::string& folder);
  bool is_on_disk() const { return store_.has_value(); }

  /// Sets an item. Throws FileError when it goes to a file that cannot take it.
  void write(std::uint32_t item, const void* data);

  /// Begins to read `count` items, if they are on disk, and does not wait.
  void will_need(std::uint32_t first, std::uint32_t count) const;

  /// Makes items below `count` addressable. Throws std::bad_alloc, FileError.
  void grow(std::uint32_t count);

  /// Makes the first items of an empty arena those that lie in the file from `offset`, the
  /// beginning of a page, on. Throws FileError.
  void map(const File& file, std::uint64_t offset, std::uint32_t count);

  /// Moves the next chunk that lies in the file to memory of its own, in two steps: copy_chunk()
  /// while nobody writes, then use_copy() while nobody reads either. `count`: of all items that are
  /// in use. False when there is none.
  bool copy_chunk(std::uint32_t count);
  void use_copy();

  /// Makes the first items of an arena on disk those of another file that holds the same, so that
  /// where they are now can be given up; in two steps again. `total`: of all items that are in use.
  /// For items that differ from the file's, write_remapped() comes between.
  void prepare_remap(const File& file, std::uint64_t offset, std::uint32_t count,
                     std::uint32_t total);
  void write_remapped(std::uint32_t item);
  void use_remap();

  std::size_t stride() const { return stride_; }
  std::uint32_t items_per_chunk() const { return mask_ + 1; }

 private:
  void make_ready(std::uint32_t count);
  void reserve_place();
  void add_chunk(std::uint8_t* chunk);
  std::uint8_t* new_chunk() const;
  std::uint8_t* new_region(const File& file, std::uint64_t offset, std::uint32_t count) const;
  std::size_t chunks_for(std::uint32_t count) const {
    return (static_cast<std::size_t>(count) + mask_) >> shift_;
  }
  void drop_region();
  std::uint8_t* new_stored_chunk();
  std::uint64_t place_in_store(std::size_t chunk) const;

  std::size_t stride_;
  std::uint32_t shift_;
  std::uint32_t mask_;
  std::size_t chunk_bytes_;
  std::atomic<std::uint8_t**> table_{nullptr};
  std::size_t chunks_ = 0;
  std::size_t table_size_ = 0;
  std::size_t ready_bytes_ = 0;  // of the first chunk's small pages
  std::vector<std::unique_ptr<std::uint8_t*[]>> tables_;

  std::uint8_t* region_ = nullptr;  // the chunks that lie in the file, one after the other
  std::size_t region_chunks_ = 0;
  std::atomic<std::size_t> copied_chunks_{0};  // of these, the first
  std::uint8_t* copy_ = nullptr;
  std::uint8_t* next_region_ = nullptr;  // of a remap that is prepared
  std::size_t next_region_chunks_ = 0;

  std::optional<File> store_;  // of the chunks after the region
  std::atomic<std::uint64_t> written_{0};
};

}  // namespace dvecdb::core
