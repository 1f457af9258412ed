#include "extension/am/walk/walk_memory.h"

#include <array>

namespace dvecdb::extension {
namespace {

/// What one walk has blown up is not kept for all that follow.
constexpr std::size_t kMostKept = std::size_t{16} << 20;

/// Scans that are open at once, in joins, have one each.
std::array<std::unique_ptr<WalkMemory>, 4>& idle_memory() {
  static std::array<std::unique_ptr<WalkMemory>, 4> idle;
  return idle;
}

}  // namespace

std::size_t WalkMemory::kept_bytes() const {
  return met.capacity() * sizeof(Met) + codes.capacity() +
         rejected.capacity() * sizeof(core::Candidate);
}

BorrowedMemory::BorrowedMemory() {
  for (auto& idle : idle_memory()) {
    if (idle == nullptr) continue;
    memory_ = std::move(idle);
    return;
  }
  memory_ = std::make_unique<WalkMemory>();
}

BorrowedMemory::~BorrowedMemory() {
  if (memory_->kept_bytes() + memory_->visited.bytes() > kMostKept) return;
  for (auto& idle : idle_memory()) {
    if (idle != nullptr) continue;
    idle = std::move(memory_);
    return;
  }
}

}  // namespace dvecdb::extension
