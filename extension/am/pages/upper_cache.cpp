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
  searches_ = 1;
  clear();
}

void UpperCache::clear() {
  places_.clear();
  nodes_.clear();
  codes_.clear();
  links_.clear();
}

bool UpperCache::has_room() const {
  return codes_.size() + links_.size() * sizeof(Link) <= kMostBytes;
}

UpperCache::Place UpperCache::find(NodeId node) const {
  const auto found = places_.find(node);
  return found == places_.end() ? kNowhere : found->second;
}

UpperCache::Place UpperCache::put(NodeId node, const std::uint8_t* code, std::uint32_t level,
                                  const NodeId* links) {
  // Last it is found: what has no memory for all of it leaves bytes that nobody asks for.
  const auto place = static_cast<Place>(nodes_.size());
  const Node kept{codes_.size(), links_.size(), level, 0};
  codes_.insert(codes_.end(), code, code + code_bytes_);
  for (std::size_t i = 0; i < level * m_; ++i) links_.push_back({links[i], kNowhere});
  nodes_.push_back(kept);
  places_.emplace(node, place);
  return place;
}

}  // namespace dvecdb::extension
