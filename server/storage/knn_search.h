// One nearest-neighbor search in the snapshot of a connection.
//
// Candidates come from the graph, the delta and the rows that changed around the snapshot; every
// one is looked up in the snapshot before it is given out, and its distance measured there. Where
// the index cannot answer, the rows are scanned.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dvecdb/hnsw.h"
#include "dvecdb/label_set.h"
#include "server/storage/connection.h"
#include "server/storage/indexed_rows.h"
#include "server/storage/vector_distance.h"
#include "server/storage/vector_index.h"

namespace dvecdb::server::storage {

struct KnnRequest {
  Value query;  // owned
  std::size_t ef_search = 40;
  double target_recall = 0;       // if not 0, the graph's calibration tells ef_search
  std::size_t k = 0;              // how many the consumer wants; 0: unknown
  std::string filter_sql;         // "" for none
  std::vector<Value> parameters;  // of the filter, owned
};

// Not thread-safe. The connection must stay in one snapshot as long as it lives.
class KnnSearch {
 public:
  KnnSearch(Connection& connection, std::shared_ptr<VectorIndex> index, KnnRequest request);

  // Moves to the next row; false at the end.
  bool next();
  std::int64_t id() const { return id_; }
  // NULL for a row without a vector.
  const Value& distance() const { return distance_; }

 private:
  struct Candidate {
    double distance;
    std::int64_t id;
    bool is_judged;  // looked up in the snapshot
  };

  // NaN is farthest, as in SQL. An object, as heaps inline what they can.
  struct IsFarther {
    bool operator()(const Candidate& a, const Candidate& b) const;
  };
  static constexpr IsFarther is_farther{};

  void add_candidate(const Candidate& candidate);
  Candidate take_nearest();
  void begin_walk();
  void choose_ef();
  bool judge_changed_rows(std::int64_t snapshot);
  void add_delta();
  void fetch_from_graph();
  bool is_due(const Candidate& candidate) const;
  bool deliver(const Candidate& candidate);
  bool deliver_null();
  void look_at(std::int64_t id);
  void finish_walk();
  void scan_rest();
  void add_rest();
  bool is_filter_due() const;
  bool is_filter_cheap() const;
  void apply_filter();
  void measure_filtered();
  void run_filter();
  void keep_candidates(bool judged_only);
  void throw_if_cancelled() const;

  Connection& connection_;
  const std::shared_ptr<VectorIndex> index_;
  const KnnRequest request_;
  IndexedRows rows_;
  std::optional<QueryDistance> measure_;  // none for a NULL query

  std::unique_ptr<VectorIndex::Search> search_;
  std::optional<core::LabelSet> filter_;  // ids that pass, once the filter was run
  core::LabelSet filter_nodes_;           // must outlive the cursor
  std::optional<core::SearchCursor> cursor_;
  std::optional<Candidate> frontier_;  // the farthest that the walk has given
  std::size_t ef_search_ = 0;
  std::size_t batch_size_ = 0;
  std::vector<std::int64_t> batch_ids_;

  std::vector<Candidate> candidates_;  // a heap, nearest first
  core::LabelSet judged_;
  std::vector<std::int64_t> nulls_;
  bool is_rest_added_ = false;

  std::size_t delivered_ = 0;
  // So many candidates are delivered before the filter is run, if that is cheap or if it is not.
  std::size_t first_trials_ = 0;
  std::size_t all_trials_ = 0;
  std::int64_t id_ = 0;
  Value distance_;
};

}  // namespace dvecdb::server::storage
