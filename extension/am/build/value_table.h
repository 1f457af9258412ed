#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace dvecdb::extension {

/// Finds values that were there before: by a hash of 96 bits with a random key, so that no two of
/// different bytes are ever taken for equal. Keeps the hashes alone. For one thread.
class ValueTable {
 public:
  explicit ValueTable(std::uint64_t key) : key_(key) {}

  /// The number that the value was given first: `number`, if it is new.
  std::uint32_t find_or_add(const void* value, std::size_t bytes, std::uint32_t number);

  /// Of an entry, on average, while the table grows.
  static constexpr std::size_t kBytesPerValue = 40;

 private:
  static constexpr std::uint32_t kNone = 0xffffffffu;

  struct Entry {
    std::uint64_t hash;
    std::uint32_t more_hash;
    std::uint32_t number;  // kNone: of no value
  };

  Entry& place_of(std::vector<Entry>& entries, const Entry& wanted) const;
  void grow();

  std::uint64_t key_;
  std::vector<Entry> entries_;  // open addressing; a power of two, or none
  std::size_t count_ = 0;
};

}  // namespace dvecdb::extension
