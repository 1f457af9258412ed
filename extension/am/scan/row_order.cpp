#include "extension/am/scan/row_order.h"

#include <algorithm>
#include <cmath>

#include "extension/am/pages/items.h"
#include "extension/failure_point.h"
#include "extension/guard.h"

namespace dvecdb::extension {
namespace {

/// An error is so many times as large as errors usually are in one of 150,000 cases: they are
/// distributed normally, as sums of many roundings are.
constexpr double kLargeError = 4.5;

/// So many of the nearest rows are likely to be read soon, and so many at once.
constexpr std::size_t kLikelyRows = 10;
constexpr std::size_t kRowsAhead = 3;

constexpr auto kFarther = [](const auto& a, const auto& b) { return a.distance > b.distance; };

}  // namespace

void RowOrder::begin(const Value& query, bool is_strict) {
  query_ = query;
  is_strict_ = is_strict;
  estimated_.clear();
  compared_.clear();
  rows_of_nodes_.clear();
  given_.clear();
  current_ = {};
}

void RowOrder::take_met() {
  for (const Met& met : walk_.met()) {
    if (met.state == NodeState::live) add_rows(met);
  }
  walk_.met().clear();
  std::sort(estimated_.begin(), estimated_.end(), kFarther);
  for (std::size_t i = 0; i < std::min(kLikelyRows, estimated_.size()); ++i) {
    rows_.prefetch_page(nearest(i));
  }
}

/// The first row of the i-th nearest of those estimated.
const ItemPointerData& RowOrder::nearest(std::size_t i) const {
  return rows_of_nodes_[estimated_[estimated_.size() - 1 - i].first_row];
}

/// To be called when one of those estimated has left; those before the last to be fetched were.
void RowOrder::prefetch_next() {
  if (estimated_.size() >= kRowsAhead) rows_.prefetch_row(nearest(kRowsAhead - 1));
  if (estimated_.size() >= kLikelyRows) rows_.prefetch_page(nearest(kLikelyRows - 1));
}

void RowOrder::add_row(ItemPointerData tid) {
  if (ItemPointerIsValid(&tid)) guarded([&] { rows_of_nodes_.push_back(tid); });
}

void RowOrder::add_rows(const Met& met) {
  const std::size_t first = rows_of_nodes_.size();
  add_row(met.tid);
  std::size_t bytes = 0;
  std::uint8_t* more = ItemPointerIsValid(&met.more) ? read_more(met, &bytes) : nullptr;
  const auto* tids = reinterpret_cast<const ItemPointerData*>(more);
  for (std::size_t i = 0; more != nullptr && i < bytes / sizeof(ItemPointerData); ++i) {
    add_row(tids[i]);
  }
  if (more != nullptr) pfree(more);
  const std::size_t count = rows_of_nodes_.size() - first;
  if (count == 0) return;
  guarded([&] {
    estimated_.push_back({met.distance, kLargeError * met.error, met.node, first, count});
  });
}

/// The node's further rows. Where vacuum has taken an item out of the chain meanwhile, the chain is
/// read anew. Null if the node has none left. Raises ERRCODE_INDEX_CORRUPTED when it stays broken.
std::uint8_t* RowOrder::read_more(const Met& met, std::size_t* bytes) {
  constexpr int kMostChanges = 100;  // while one chain is read; then it is damaged
  NodeReader& reader = walk_.reader();
  ItemPointerData first = met.more;
  for (int changes = 0; ItemPointerIsValid(&first); ++changes) {
    if (changes == kMostChanges) {
      return read_items(reader.relation(), first, met.node, ItemKind::tids, bytes);
    }
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
  if (current_.row_count == 0 && !next_node()) return false;
  *tid = rows_of_nodes_[current_.first_row++];
  *distance = current_.distance;
  --current_.row_count;
  guarded([&] { given_.push_back(*tid); });
  return true;
}

std::size_t RowOrder::count_visible() {
  std::size_t count = 0;
  for (const ItemPointerData& tid : given_) count += rows_.is_visible(tid);
  given_.clear();
  return count;
}

/// Makes the next node current.
bool RowOrder::next_node() {
  Turn turn = whose_turn();
  for (; turn == Turn::open; turn = whose_turn()) compare_next();
  std::vector<Waiting>& nodes = turn == Turn::estimated ? estimated_ : compared_;
  if (nodes.empty()) return false;
  if (turn == Turn::compared) std::pop_heap(nodes.begin(), nodes.end(), kFarther);
  current_ = nodes.back();
  nodes.pop_back();
  if (turn == Turn::estimated) prefetch_next();
  return true;
}

/// Whether the nearest of those estimated comes next, or the nearest of those compared, or that
/// takes one more comparison. Beyond the next one others are estimated to be farther still.
RowOrder::Turn RowOrder::whose_turn() const {
  if (estimated_.empty()) return Turn::compared;
  const Waiting& first = estimated_.back();
  if (!compared_.empty()) {
    const double nearest = compared_.front().distance;
    if (nearest <= first.distance - first.error) return Turn::compared;
    if (nearest < first.distance + first.error) return Turn::open;
  }
  if (first.error == 0) return Turn::estimated;
  if (is_strict_) return Turn::open;
  if (estimated_.size() == 1) return Turn::estimated;
  const Waiting& second = estimated_[estimated_.size() - 2];
  const bool is_clear = std::hypot(first.error, second.error) <= second.distance - first.distance;
  return is_clear ? Turn::estimated : Turn::open;
}

/// Nodes of which no row is visible are dropped.
void RowOrder::compare_next() {
  Waiting one = estimated_.back();
  estimated_.pop_back();
  prefetch_next();
  failure_point("rerank");
  Value value;
  if (!read_value(one, &value)) return;
  ++counters_.reranked;
  one.distance = walk_.reader().index().codes().exact(query_, value);
  one.error = 0;
  guarded([&] { compared_.push_back(one); });
  std::push_heap(compared_.begin(), compared_.end(), kFarther);
}

/// The node's vector, or that of its first row that is visible. What the index cannot tell apart
/// is near enough to share one distance.
bool RowOrder::read_value(Waiting& one, Value* out) {
  const IndexShape& shape = walk_.reader().index().shape();
  if (shape.has_vectors == 0) {
    for (; one.row_count > 0; ++one.first_row, --one.row_count) {
      if (rows_.read(rows_of_nodes_[one.first_row], out)) return true;
    }
    return false;
  }
  const std::uint8_t* bytes = walk_.reader().vector(one.node);
  if (bytes == nullptr) return false;
  *out = stored_value(shape.element, shape.dims, bytes);
  return true;
}

}  // namespace dvecdb::extension
