#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/distance/kernel_table.h"

namespace dvecdb::core {

struct NamedTable {
  std::string name;
  const KernelTable* table;
};

/// Every table that this machine runs: the common parts of its instruction sets too, where it has
/// more, and NEON's emulated elsewhere.
inline std::vector<NamedTable> tables() {
  std::vector<NamedTable> found;
  for (Isa isa : supported_isas()) {
    found.push_back({isa_name(isa), &kernels_of(isa)});
#if defined(__x86_64__)
    if (isa == Isa::avx512) {  // of which that of the set is put together
      found.push_back({"avx512 (common)", &kAvx512Kernels});
      if (__builtin_cpu_supports("avx512vpopcntdq")) {
        found.push_back({"avx512 (popcnt)", &kAvx512PopcntKernels});
      }
    }
#elif defined(__aarch64__)
    if (isa == Isa::neon && found.back().table != &kNeonKernels) {
      found.push_back({"neon (common)", &kNeonKernels});
    }
#endif
  }
#if defined(__x86_64__)
  found.push_back({"neon (emulated)", &kNeonKernels});
  found.push_back({"neon dotprod (emulated)", &kNeonDotprodKernels});
#endif
  return found;
}

/// A copy of a row that ends where readable memory ends, or `gap` elements before.
template <class T>
class GuardedRow {
 public:
  explicit GuardedRow(const std::vector<T>& row, std::size_t gap = 0) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t bytes = (row.size() + gap) * sizeof(T);
    readable_ = (bytes + page - 1) / page * page;
    size_ = readable_ + page;
    void* memory = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no memory for a guarded row");
    memory_ = static_cast<char*>(memory);
    if (mprotect(memory_ + readable_, page, PROT_NONE) != 0) {
      throw std::runtime_error("cannot guard a page");
    }
    end_ = reinterpret_cast<T*>(memory_ + readable_ - gap * sizeof(T));
    if (row.empty()) return;
    std::memcpy(static_cast<void*>(end_ - row.size()), row.data(), row.size() * sizeof(T));
  }
  ~GuardedRow() { munmap(memory_, size_); }
  GuardedRow(const GuardedRow&) = delete;
  GuardedRow& operator=(const GuardedRow&) = delete;

  /// The last `dims` elements.
  const T* last(std::size_t dims) const { return end_ - dims; }

 private:
  char* memory_ = nullptr;
  std::size_t readable_ = 0;
  std::size_t size_ = 0;
  T* end_ = nullptr;
};

}  // namespace dvecdb::core
