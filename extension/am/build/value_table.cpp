#include "extension/am/build/value_table.h"

#include <algorithm>
#include <cstring>

namespace dvecdb::extension {
namespace {

/// The product's halves folded: every bit of it depends on all of both.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t hash(const char* bytes, std::size_t count, std::uint64_t key) {
  constexpr std::uint64_t kFirst = 0x9e3779b97f4a7c15u;
  constexpr std::uint64_t kSecond = 0xbf58476d1ce4e5b9u;
  std::uint64_t state = mix(key ^ kFirst, count ^ kSecond);
  for (std::size_t done = 0; done < count; done += 16) {
    std::uint64_t words[2] = {0, 0};
    std::memcpy(words, bytes + done, std::min<std::size_t>(16, count - done));
    state = mix(words[0] ^ key ^ kSecond, words[1] ^ state) + state * kFirst;
  }
  return mix(state ^ key, kFirst);
}

}  // namespace

std::uint32_t ValueTable::find_or_add(const void* value, std::size_t bytes, std::uint32_t number) {
  if (4 * count_ >= 3 * entries_.size()) grow();
  const auto* from = static_cast<const char*>(value);
  const auto more = static_cast<std::uint32_t>(hash(from, bytes, ~key_) >> 32);
  const Entry wanted{hash(from, bytes, key_), more, number};
  Entry& place = place_of(entries_, wanted);
  if (place.number == kNone) {
    place = wanted;
    ++count_;
  }
  return place.number;
}

/// Where the value is, or the free place where it belongs.
ValueTable::Entry& ValueTable::place_of(std::vector<Entry>& entries, const Entry& wanted) const {
  const std::size_t mask = entries.size() - 1;
  std::size_t at = wanted.hash & mask;
  while (entries[at].number != kNone &&
         (entries[at].hash != wanted.hash || entries[at].more_hash != wanted.more_hash)) {
    at = (at + 1) & mask;
  }
  return entries[at];
}

void ValueTable::grow() {
  constexpr std::size_t kLeast = 1024;
  std::vector<Entry> larger(std::max(kLeast, 2 * entries_.size()), Entry{0, 0, kNone});
  for (const Entry& entry : entries_) {
    if (entry.number != kNone) place_of(larger, entry) = entry;
  }
  entries_.swap(larger);
}

}  // namespace dvecdb::extension
