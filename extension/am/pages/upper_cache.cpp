#include "extension/am/pages/upper_cache.h"

namespace dvecdb::extension {
namespace {

/// As many bytes as a backend keeps of an index: the upper levels of some hundred thousand nodes,
/// or the uppermost of more.
constexpr std::size_t kMostBytes = std::size_t{4} << 20;

/// After so many searches what was inserted meanwhile should count.
constexpr std::uint32_t kSearches = 10000;

}  // namespace

void UpperCache::begin(NodeId entry) {
  if (entry == entry_ && ++searches_ < kSearches) return;
  entry_ = entry;
  searches_ = 0;
  clear();
}

void UpperCache::clear() {
  places_.clear();
  codes_.clear();
  links_.clear();
}

UpperCache::Entry UpperCache::find(NodeId node) const {
  const auto found = places_.find(node);
  if (found == places_.end()) return {nullptr, 0, nullptr};
  const Place& place = found->second;
  return {&codes_[place.code], place.level, links_.data() + place.links};
}

void UpperCache::put(NodeId node, const std::uint8_t* code, std::uint32_t level,
                     const NodeId* links) {
  if (codes_.size() + links_.size() * sizeof(NodeId) > kMostBytes) return;
  if (places_.contains(node)) return;
  // Last it is found: what has no memory for all of it leaves bytes that nobody asks for.
  const Place place{codes_.size(), links_.size(), level};
  codes_.insert(codes_.end(), code, code + code_bytes_);
  links_.insert(links_.end(), links, links + level * m_);
  places_.emplace(node, place);
}

}  // namespace dvecdb::extension
