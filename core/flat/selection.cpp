#include "core/flat/selection.h"

#include <algorithm>

#include "dvecdb/label_set.h"

namespace dvecdb::core {
namespace {

// Finding a label's row costs about as much as asking for that many rows whether they are in
// the set.
constexpr std::size_t kRowsPerLookup = 4;

}  // namespace

Selection::Selection(const RowStore& store, const Filter& filter)
    : store_(&store), is_all_(filter.empty()) {
  if (is_all_) return;
  const auto take = [&](std::size_t position) {
    if (filter.predicate && !filter.predicate(store.label(position))) return;
    positions_.push_back(static_cast<std::uint32_t>(position));
  };
  if (filter.labels != nullptr && filter.labels->size() < store.size() / kRowsPerLookup) {
    filter.labels->for_each([&](std::uint64_t label) {
      if (const auto position = store.find(label)) take(*position);
      return true;
    });
    std::sort(positions_.begin(), positions_.end());  // memory likes to be read in its order
    return;
  }
  for (std::size_t i = 0; i < store.size(); ++i) {
    if (filter.labels == nullptr || filter.labels->contains(store.label(i))) take(i);
  }
}

}  // namespace dvecdb::core
