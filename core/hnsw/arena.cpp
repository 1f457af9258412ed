#include "core/hnsw/arena.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace dvecdb::core {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{16} << 20;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// The beginning of a first chunk, which may stay alone, has small pages. Beside it what huge ones
/// take, and nothing uses yet, is not much.
constexpr std::size_t kSmallPagesBytes = 2 * kHugePage;

/// So many bytes of small pages, or as many as there are, are made ready at a time: to wait until
/// each is touched costs several times as much, the more so on many threads.
constexpr std::size_t kMadeReadyBytes = std::size_t{64} << 10;

/// MADV_COLLAPSE of Linux 6.1, which older headers lack: makes huge pages of pages in use.
constexpr int kCollapse = 25;

/// MADV_POPULATE_WRITE of Linux 5.14: makes pages ready to be written to.
constexpr int kMakeReady = 23;

/// The system reads no more than this ahead for one wish.
constexpr std::size_t kReadAhead = std::size_t{128} << 10;

/// After so many bytes the system begins to write them out, and waits for those before: pages that
/// are not written yet cannot make room for others.
constexpr std::uint64_t kWrittenBytes = std::uint64_t{8} << 20;

std::size_t whole_pages(std::size_t bytes) {
  return (bytes + kPage - 1) / kPage * kPage;
}

/// Memory that is zero and takes no space until it is touched.
std::uint8_t* reserve(std::size_t bytes) {
  void* mapped = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  return static_cast<std::uint8_t*>(mapped);
}

}  // namespace

Arena::Arena(std::size_t stride) : stride_(stride), shift_(0) {
  while (shift_ < 20 && (stride_ << (shift_ + 1)) <= kChunkBytes) ++shift_;
  mask_ = (std::uint32_t{1} << shift_) - 1;
  chunk_bytes_ = stride_ << shift_;
}

Arena::~Arena() {
  std::uint8_t** chunks = table_.load();
  for (std::size_t i = 0; i < chunks_; ++i) {
    const bool is_in_region = i >= copied_chunks_ && i < region_chunks_;
    if (!is_in_region) munmap(chunks[i], chunk_bytes_);
  }
  if (copy_ != nullptr) munmap(copy_, chunk_bytes_);
  if (next_region_ != nullptr) munmap(next_region_, next_region_chunks_ * chunk_bytes_);
  drop_region();
}

void Arena::drop_region() {
  if (region_ != nullptr) munmap(region_, region_chunks_ * chunk_bytes_);
  region_ = nullptr;
}

std::uint8_t* Arena::new_chunk() const {
  const std::size_t mapped_bytes = chunk_bytes_ + kHugePage;
  std::uint8_t* begin = reserve(mapped_bytes);
  const std::size_t lead = (kHugePage - reinterpret_cast<std::uintptr_t>(begin) % kHugePage) %
                           kHugePage;  // what lies before the first place of a huge page
  const std::size_t used = whole_pages(lead + chunk_bytes_);
  if (lead > 0) munmap(begin, lead);
  if (used < mapped_bytes) munmap(begin + used, mapped_bytes - used);
  return begin + lead;
}

/// Room in the table for one more chunk: before there is one, as it may throw.
void Arena::reserve_place() {
  if (chunks_ < table_size_) return;
  const std::size_t size = std::max<std::size_t>(2 * table_size_, 4);
  auto table = std::make_unique<std::uint8_t*[]>(size);
  std::copy_n(table_.load(std::memory_order_relaxed), chunks_, table.get());
  tables_.push_back(std::move(table));
  table_.store(tables_.back().get(), std::memory_order_release);
  table_size_ = size;
}

void Arena::add_chunk(std::uint8_t* chunk) {
  table_.load(std::memory_order_relaxed)[chunks_++] = chunk;
}

std::uint64_t Arena::place_in_store(std::size_t chunk) const {
  return chunk * std::uint64_t{whole_pages(chunk_bytes_)};
}

std::uint8_t* Arena::new_stored_chunk() {
  store_->resize(place_in_store(chunks_ + 1));
  void* mapped = mmap(nullptr, chunk_bytes_, PROT_READ, MAP_SHARED, store_->descriptor(),
                      static_cast<off_t>(place_in_store(chunks_)));
  if (mapped == MAP_FAILED) store_->fail("map");
  madvise(mapped, chunk_bytes_, MADV_RANDOM);
  return static_cast<std::uint8_t*>(mapped);
}

void Arena::keep_on_disk(const std::string& folder) {
  store_.emplace(File::unnamed(folder));
}

void Arena::write(std::uint32_t item, const void* data) {
  const std::size_t chunk = item >> shift_;
  if (!store_ || chunk < region_chunks_) {
    std::memcpy(at(item), data, stride_);
    return;
  }
  store_->write_at(data, stride_, place_in_store(chunk) + (item & mask_) * stride_);
  const std::uint64_t before = written_.fetch_add(stride_, std::memory_order_relaxed);
  if (before / kWrittenBytes == (before + stride_) / kWrittenBytes) return;
  sync_file_range(store_->descriptor(), 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE);
}

void Arena::will_need(std::uint32_t first, std::uint32_t count) const {
  if (!store_) return;
  while (count > 0) {
    const std::uint32_t in_chunk = std::min(count, items_per_chunk() - (first & mask_));
    const auto begin = reinterpret_cast<std::uintptr_t>(at(first));
    const std::uintptr_t end = begin + in_chunk * stride_;
    for (std::uintptr_t page = begin / kPage * kPage; page < end; page += kReadAhead) {
      madvise(reinterpret_cast<void*>(page), std::min(end - page, kReadAhead), MADV_WILLNEED);
    }
    first += in_chunk;
    count -= in_chunk;
  }
}

void Arena::grow(std::uint32_t count) {
  const std::size_t needed = chunks_for(count);
  while (chunks_ < needed) {
    reserve_place();
    if (store_) {
      add_chunk(new_stored_chunk());
      continue;
    }
    add_chunk(new_chunk());
    // Wishes, whose failure costs speed only. When a second chunk comes, the first one's small
    // pages are moved to huge ones.
    std::uint8_t** table = table_.load(std::memory_order_relaxed);
    const std::size_t small = chunks_ == 1 ? std::min(kSmallPagesBytes, chunk_bytes_) : 0;
    madvise(table[chunks_ - 1] + small, chunk_bytes_ - small, MADV_HUGEPAGE);
    if (chunks_ == 2 && region_chunks_ == 0) {
      madvise(table[0], chunk_bytes_, MADV_HUGEPAGE);
      madvise(table[0], std::min(kSmallPagesBytes, chunk_bytes_), kCollapse);
    }
  }
  if (!store_ && region_chunks_ == 0) make_ready(count);
}

void Arena::make_ready(std::uint32_t count) {
  const std::size_t small = std::min(kSmallPagesBytes, chunk_bytes_);
  const std::size_t used = std::min(count * stride_, small);
  if (used <= ready_bytes_) return;
  const std::size_t ahead = std::clamp(ready_bytes_, kPage, kMadeReadyBytes);
  const std::size_t end = std::min(std::max(whole_pages(used), ready_bytes_ + ahead), small);
  std::uint8_t* first = table_.load(std::memory_order_relaxed)[0];
  madvise(first + ready_bytes_, end - ready_bytes_, kMakeReady);
  ready_bytes_ = whole_pages(end);
}

std::uint8_t* Arena::new_region(const File& file, std::uint64_t offset, std::uint32_t count) const {
  const std::size_t bytes = count * stride_;
  const std::size_t region_bytes = chunks_for(count) * chunk_bytes_;
  std::uint8_t* region = reserve(region_bytes);
  void* mapped = mmap(region, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
                      file.descriptor(), static_cast<off_t>(offset));
  if (mapped == MAP_FAILED) {
    munmap(region, region_bytes);
    file.fail("map");
  }
  if (store_) madvise(region, bytes, MADV_RANDOM);
  std::memset(region + bytes, 0, whole_pages(bytes) - bytes);  // new items are zero
  return region;
}

void Arena::map(const File& file, std::uint64_t offset, std::uint32_t count) {
  if (count == 0) return;
  region_ = new_region(file, offset, count);
  region_chunks_ = chunks_for(count);
  for (std::size_t i = 0; i < region_chunks_; ++i) {
    reserve_place();
    add_chunk(region_ + i * chunk_bytes_);
  }
}

void Arena::prepare_remap(const File& file, std::uint64_t offset, std::uint32_t count,
                          std::uint32_t total) {
  next_region_chunks_ = chunks_for(count);
  if (count == 0) return;
  next_region_ = new_region(file, offset, count);
  const std::size_t end = next_region_chunks_ << shift_;
  for (std::uint32_t item = count; item < std::min<std::size_t>(end, total); ++item) {
    write_remapped(item);
  }
}

void Arena::write_remapped(std::uint32_t item) {
  if (item >> shift_ >= next_region_chunks_) return;
  std::memcpy(next_region_ + item * stride_, at(item), stride_);
}

void Arena::use_remap() {
  std::uint8_t** table = table_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < next_region_chunks_; ++i) {
    if (i >= region_chunks_) munmap(table[i], chunk_bytes_);
    table[i] = next_region_ + i * chunk_bytes_;
  }
  drop_region();
  // The place in the store is free for other files. Where that cannot be it is only wasted.
  static_cast<void>(fallocate(store_->descriptor(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                              static_cast<off_t>(place_in_store(next_region_chunks_))));
  region_ = std::exchange(next_region_, nullptr);
  region_chunks_ = next_region_chunks_;
}

bool Arena::copy_chunk(std::uint32_t count) {
  if (copied_chunks_ == region_chunks_) return false;
  copy_ = new_chunk();
  madvise(copy_, chunk_bytes_, MADV_HUGEPAGE);
  const std::size_t items = count - (copied_chunks_ << shift_);
  const std::size_t bytes = std::min(items * stride_, chunk_bytes_);
  std::memcpy(copy_, table_.load(std::memory_order_relaxed)[copied_chunks_], bytes);
  return true;
}

void Arena::use_copy() {
  std::uint8_t*& chunk = table_.load(std::memory_order_relaxed)[copied_chunks_++];
  const auto begin = whole_pages(reinterpret_cast<std::uintptr_t>(chunk));
  const auto end = (reinterpret_cast<std::uintptr_t>(chunk) + chunk_bytes_) / kPage * kPage;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  chunk = std::exchange(copy_, nullptr);
  if (copied_chunks_ == region_chunks_) drop_region();  // which gives the file up
}

}  // namespace dvecdb::core
