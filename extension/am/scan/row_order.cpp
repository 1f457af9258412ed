#include "extension/am/scan/row_order.h"

#include <algorithm>
#include <cmath>

#include "extension/am/pages/items.h"
#include "extension/guard.h"

namespace dvecdb::extension {
namespace {

/// Before so many comparisons little is known of how far estimates are off.
constexpr std::size_t kFewComparisons = 4;

/// An error is hardly ever so many times as large as errors usually are.
constexpr double kLargeError = 4;

constexpr auto kFarther = [](const auto& a, const auto& b) { return a.distance > b.distance; };

}  // namespace

void RowOrder::begin(const Value& query) {
  query_ = query;
  estimated_.clear();
  compared_.clear();
  squared_errors_ = 0;
  comparisons_ = 0;
}

void RowOrder::take_met() {
  for (const Met& met : walk_.met()) {
    if (met.state == NodeState::live) add_rows(met);
  }
  walk_.met().clear();
  std::sort(estimated_.begin(), estimated_.end(), kFarther);
}

void RowOrder::add(const Met& met, ItemPointerData tid) {
  guarded([&] { estimated_.push_back({met.distance, met.node, tid}); });
}

void RowOrder::add_rows(const Met& met) {
  if (ItemPointerIsValid(&met.tid)) add(met, met.tid);
  if (!ItemPointerIsValid(&met.more)) return;
  std::size_t bytes;
  std::uint8_t* more = read_more(met, &bytes);
  if (more == nullptr) return;
  const auto* tids = reinterpret_cast<const ItemPointerData*>(more);
  for (std::size_t i = 0; i < bytes / sizeof(ItemPointerData); ++i) {
    if (ItemPointerIsValid(&tids[i])) add(met, tids[i]);
  }
  pfree(more);
}

/// The node's further rows. Where vacuum has taken an item out of the chain meanwhile, the chain is
/// read anew. Null if the node has none left.
std::uint8_t* RowOrder::read_more(const Met& met, std::size_t* bytes) {
  NodeReader& reader = walk_.reader();
  ItemPointerData first = met.more;
  while (ItemPointerIsValid(&first)) {
    std::uint8_t* more =
        read_items_if_there(reader.relation(), first, met.node, ItemKind::tids, bytes);
    if (more != nullptr) return more;
    NodeHeader header;
    if (!reader.header(met.node, &header) || header.state != NodeState::live) break;
    first = header.more;
  }
  return nullptr;
}

bool RowOrder::next(ItemPointerData* tid, double* distance) {
  const bool is_exact = walk_.reader().index().codes().is_exact();
  if (is_exact && !estimated_.empty()) {
    *tid = estimated_.back().tid;
    *distance = estimated_.back().distance;
    estimated_.pop_back();
    return true;
  }
  while (!is_certain()) compare_next();
  if (compared_.empty()) return false;
  std::pop_heap(compared_.begin(), compared_.end(), kFarther);
  *tid = compared_.back().tid;
  *distance = compared_.back().distance;
  compared_.pop_back();
  return true;
}

/// Whether the nearest of those compared comes next, as far as one can tell; or none is left.
bool RowOrder::is_certain() const {
  if (estimated_.empty()) return true;
  if (compared_.empty() || comparisons_ < kFewComparisons) return false;
  const double error = std::sqrt(squared_errors_ / static_cast<double>(comparisons_));
  return compared_.front().distance <= estimated_.back().distance - kLargeError * error;
}

void RowOrder::compare_next() {
  Waiting row = estimated_.back();
  estimated_.pop_back();
  Value value;
  if (!read_value(row, &value)) return;
  ++counters_.reranked;
  const double estimate = row.distance;
  row.distance = walk_.reader().index().codes().exact(query_, value);
  const double error = row.distance - estimate;
  if (std::isfinite(error)) {
    squared_errors_ += error * error;
    ++comparisons_;
  }
  guarded([&] { compared_.push_back(row); });
  std::push_heap(compared_.begin(), compared_.end(), kFarther);
}

bool RowOrder::read_value(const Waiting& row, Value* out) {
  const IndexShape& shape = walk_.reader().index().shape();
  if (shape.has_vectors == 0) return rows_.read(row.tid, out);
  const std::uint8_t* bytes = walk_.reader().vector(row.node);
  if (bytes == nullptr) return false;
  *out = stored_value(shape.element, shape.dims, bytes);
  return true;
}

}  // namespace dvecdb::extension
