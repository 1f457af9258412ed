#include "core/hnsw/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

namespace dvecdb::core {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{16} << 20;
constexpr std::size_t kPage = 4096;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

Arena::Arena(std::size_t stride) : stride_(stride), shift_(0) {
  while (shift_ < 20 && (stride_ << (shift_ + 1)) <= kChunkBytes) ++shift_;
  mask_ = (std::uint32_t{1} << shift_) - 1;
  chunk_bytes_ = stride_ << shift_;
}

Arena::~Arena() {
  std::uint8_t** chunks = table_.load();
  for (std::size_t i = 0; i < chunks_; ++i) munmap(chunks[i], chunk_bytes_);
}

std::uint8_t* Arena::map_chunk() const {
  const std::size_t mapped_bytes = chunk_bytes_ + kHugePage;
  void* mapped = mmap(nullptr, mapped_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  auto* begin = static_cast<std::uint8_t*>(mapped);
  const std::size_t lead = (kHugePage - reinterpret_cast<std::uintptr_t>(begin) % kHugePage) %
                           kHugePage;  // what lies before the first place of a huge page
  const std::size_t used = (lead + chunk_bytes_ + kPage - 1) / kPage * kPage;
  if (lead > 0) munmap(begin, lead);
  if (used < mapped_bytes) munmap(begin + used, mapped_bytes - used);
  return begin + lead;
}

void Arena::grow(std::uint32_t count) {
  const std::size_t needed = (static_cast<std::size_t>(count) + mask_) >> shift_;
  if (needed > table_size_) {
    table_size_ = std::max<std::size_t>({needed, 2 * table_size_, 4});
    auto table = std::make_unique<std::uint8_t*[]>(table_size_);
    std::copy_n(table_.load(std::memory_order_relaxed), chunks_, table.get());
    table_.store(table.get(), std::memory_order_release);
    tables_.push_back(std::move(table));
  }
  for (; chunks_ < needed; ++chunks_) {
    std::uint8_t** table = table_.load(std::memory_order_relaxed);
    table[chunks_] = map_chunk();
    // A wish, whose failure costs speed only. A first chunk that stays alone may be nearly empty:
    // it asks when a second one comes.
    if (chunks_ > 0) madvise(table[chunks_], chunk_bytes_, MADV_HUGEPAGE);
    if (chunks_ == 1) madvise(table[0], chunk_bytes_, MADV_HUGEPAGE);
  }
}

}  // namespace dvecdb::core
