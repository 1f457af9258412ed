#include "extension/am/build/graph_builder.h"

#include <algorithm>

#include "extension/am/codes/node_codes.h"
#include "extension/failure_point.h"

namespace dvecdb::extension {
namespace {

/// Walks end before they have all candidates, and weigh them on codes, which is cheap but not
/// exact: with half as many again as ef_construction says the graph is as good as one by whole
/// walks and exact distances.
constexpr std::uint32_t more_candidates(std::uint32_t ef_construction) {
  return ef_construction + ef_construction / 2;
}

/// Rows that are handed over together; fewer if they are long.
constexpr std::size_t kBatchRows = 64;
constexpr std::size_t kBatchBytes = 131072;

std::size_t batch_bytes(std::size_t row) {
  return std::max<std::size_t>(1, std::min(kBatchRows, kBatchBytes / row)) * row;
}

std::optional<GraphValues> values_of(const IndexShape& shape) {
  std::optional<GraphValues> values;
  if (!is_dense(shape)) values.emplace(shape);
  return values;
}

/// The graph is walked on the codes that the index will have: finer ones than the core's own choice
/// take no longer, as fewer candidates have to be compared by vectors. Values are compared exactly.
core::HnswOptions graph_options(const IndexShape& shape, const char* vectors_folder,
                                const GraphValues* values) {
  core::HnswOptions options;
  options.metric = metric_of(shape.distance);
  options.m = shape.m;
  options.ef_construction = more_candidates(shape.ef_construction);
  options.values = values;
  if (values != nullptr) return options;
  options.dims = shape.dims;
  options.code = static_cast<core::CodeKind>(shape.code);
  options.vectors_folder = vectors_folder;
  return options;
}

}  // namespace

GraphBuilder::GraphBuilder(const IndexShape& shape, const char* vectors_folder, unsigned threads)
    : values_(values_of(shape)),
      value_bytes_(values_ ? values_->value_bytes() : shape.dims * sizeof(float)),
      batch_bytes_(batch_bytes(value_bytes_)),
      row_bytes_(bytes_per_row(shape, vectors_folder)),
      index_(graph_options(shape, vectors_folder, values())),
      known_(shape.build_id),
      pool_(threads) {}

void GraphBuilder::add(std::span<const std::uint8_t> value, ItemPointerData tid) {
  const std::uint32_t next = nodes();
  const std::uint32_t label = known_.find_or_add(value.data(), value.size(), next);
  if (label != next) {
    other_labels_.push_back(label);
    others_.push_back(tid);
    return;
  }
  tids_.push_back(tid);
  if (!batch_) {
    batch_ = std::make_shared<Batch>();
    batch_->first_label = label;
    batch_->values.reserve(batch_bytes_);
  }
  if (values_) {
    values_->keep(value, batch_->values);
  } else {
    batch_->values.insert(batch_->values.end(), value.begin(), value.end());
  }
  if (batch_->values.size() == batch_bytes_) submit_batch();
}

void GraphBuilder::submit_batch() {
  pool_.submit([this, batch = std::move(batch_)] { insert(*batch); });
  batch_ = nullptr;
  if (pool_.is_full()) pool_.help();
}

void GraphBuilder::insert(const Batch& batch) {
  const std::size_t rows = batch.values.size() / value_bytes_;
  for (std::size_t i = 0; i < rows; ++i) {
    failure_point_in_core("build graph");
    const std::uint8_t* value = &batch.values[i * value_bytes_];
    if (values_) {
      index_.insert_value(batch.first_label + i, value);
    } else {
      index_.insert(batch.first_label + i, reinterpret_cast<const float*>(value));
    }
  }
}

bool GraphBuilder::finish() {
  if (batch_) submit_batch();
  if (pool_.help()) return true;
  sort_others();
  return false;
}

/// By counting: how many each node has, where its own begin, each to its place.
void GraphBuilder::sort_others() {
  if (others_.empty()) return;
  first_of_others_.assign(nodes() + std::size_t{1}, 0);
  for (const std::uint32_t label : other_labels_) ++first_of_others_[label + 1];
  for (std::size_t i = 1; i < first_of_others_.size(); ++i) {
    first_of_others_[i] += first_of_others_[i - 1];
  }
  std::vector<std::uint32_t> next = first_of_others_;
  std::vector<ItemPointerData> sorted(others_.size());
  for (std::size_t i = 0; i < others_.size(); ++i) sorted[next[other_labels_[i]]++] = others_[i];
  others_.swap(sorted);
  other_labels_ = {};
}

std::span<const ItemPointerData> GraphBuilder::other_tids(std::uint32_t label) const {
  if (first_of_others_.empty()) return {};
  const std::size_t first = first_of_others_[label];
  return {others_.data() + first, first_of_others_[label + 1] - first};
}

std::size_t GraphBuilder::bytes_per_row(const IndexShape& shape, const char* vectors_folder) {
  constexpr std::size_t kOrder = 3 * sizeof(std::uint32_t) + sizeof(std::uint16_t);  // NodeOrder
  const std::optional<GraphValues> values = values_of(shape);
  const core::HnswOptions options =
      graph_options(shape, vectors_folder, values ? &*values : nullptr);
  return core::HnswIndex::memory_bytes_for(options, 1) + ValueTable::kBytesPerValue +
         sizeof(ItemPointerData) + kOrder;
}

}  // namespace dvecdb::extension
