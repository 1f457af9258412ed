#pragma once

#include <cstdint>
#include <functional>

namespace dvecdb::core {

class LabelSet;

/// One answer of a search: `distance` is the value that the metric's SQL operator reports.
struct Neighbor {
  std::uint64_t label;
  double distance;

  friend bool operator==(const Neighbor&, const Neighbor&) = default;
};

/// By distance, NaN last as in SQL, ties by label.
inline bool nearer(const Neighbor& a, const Neighbor& b) {
  const bool a_is_nan = a.distance != a.distance;
  const bool b_is_nan = b.distance != b.distance;
  if (a_is_nan != b_is_nan) return b_is_nan;
  if (!a_is_nan && a.distance != b.distance) return a.distance < b.distance;
  return a.label < b.label;
}

/// Which labels a search may answer with: those in `labels` (when given) for which `predicate`
/// (when given) is true. Borrows `labels`. The predicate must not call the index that it filters,
/// and is called from the searching thread only.
struct Filter {
  const LabelSet* labels = nullptr;
  std::function<bool(std::uint64_t)> predicate;

  bool empty() const { return labels == nullptr && !predicate; }
};

}  // namespace dvecdb::core
