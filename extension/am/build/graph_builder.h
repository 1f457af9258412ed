#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "dvecdb/hnsw.h"
#include "extension/am/build/graph_values.h"
#include "extension/am/build/value_table.h"
#include "extension/am/build/worker_pool.h"
#include "extension/am/pages/format.h"

namespace dvecdb::extension {

/// Makes the graph of rows in memory: its owner brings rows, threads and, when those have enough to
/// do, the owner itself insert them. Rows with equal values are one node; nodes have labels from
/// 0 on in the order of their first rows.
///
/// For one owner's thread. May throw std::bad_alloc and core::FileError; does not call PostgreSQL.
class GraphBuilder {
 public:
  /// `vectors_folder`: where vectors are kept in a file; empty: in memory. `threads`: besides the
  /// owner's.
  GraphBuilder(const IndexShape& shape, const char* vectors_folder, unsigned threads);

  /// Takes as long as some rows' insertion at most.
  /// `value`: the floats of a dense vector, aligned as such; of others what stored_bytes() has.
  void add(std::span<const std::uint8_t> value, ItemPointerData tid);

  /// Works on what is left to do; false when nothing is. To be called until then once all rows were
  /// added.
  bool finish();

  const core::HnswIndex& index() const { return index_; }
  /// Of bits and sparse vectors; null for dense vectors.
  const GraphValues* values() const { return values_ ? &*values_ : nullptr; }

  std::uint32_t nodes() const { return static_cast<std::uint32_t>(tids_.size()); }
  std::size_t rows() const { return tids_.size() + others_.size(); }
  /// What the build takes so far, about.
  std::size_t memory_bytes() const {
    return rows() * row_bytes_ + (values_ ? values_->memory_bytes() : 0);
  }
  /// Of a node's first row.
  ItemPointerData tid(std::uint32_t label) const { return tids_[label]; }
  /// Of its other rows. Once finished.
  std::span<const ItemPointerData> other_tids(std::uint32_t label) const;

  /// What a build takes in memory for each row: the graph, and what this keeps besides. Without the
  /// elements of sparse vectors.
  static std::size_t bytes_per_row(const IndexShape& shape, const char* vectors_folder);

 private:
  struct Batch {
    std::uint64_t first_label = 0;
    std::vector<std::uint8_t> values;
  };

  void submit_batch();
  void insert(const Batch& batch);
  void sort_others();

  std::optional<GraphValues> values_;
  std::size_t value_bytes_;  // of what the graph takes
  std::size_t batch_bytes_;
  std::size_t row_bytes_;
  core::HnswIndex index_;
  ValueTable known_;
  std::shared_ptr<Batch> batch_;
  std::vector<ItemPointerData> tids_;           // by label
  std::vector<std::uint32_t> other_labels_;     // of rows whose value was there before
  std::vector<ItemPointerData> others_;         // beside it; once finished sorted by label
  std::vector<std::uint32_t> first_of_others_;  // by label, if there are any; once finished
  WorkerPool pool_;                             // ends first
};

}  // namespace dvecdb::extension
