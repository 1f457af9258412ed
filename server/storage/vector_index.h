// One vector index in memory: the graph, the delta in front of it, and what is needed to answer
// for any snapshot.
//
// Every vector that was ever committed and is still of interest is a node with a number of its
// own, so that the old and the new version of a row can be there side by side. A change makes a
// new node at once; the old one stays until every search that began before the change has ended.
//
// Promise to a search that began when the index was complete up to C and had touched changes up
// to T: each row that did not change in (C, T], nor between T and the search's snapshot, is found
// with its right vector in the delta that the search captured or in the graph, as long as the
// search runs and is not marked stale. The rows that did change are named to it (or are too
// many), and it looks at them itself.
//
// Searches may come from any thread. The members under "For the keeper" are called by one thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dvecdb/hnsw.h"
#include "dvecdb/label_set.h"
#include "server/storage/change_log.h"
#include "server/storage/vector_delta.h"
#include "server/storage/vector_indexes.h"

namespace dvecdb::server::storage {

// A graph with the rows' ids: what a build or an index file gives.
struct BuiltGraph {
  std::shared_ptr<core::HnswIndex> graph;
  std::vector<std::int64_t> ids;        // of node 0, 1, ...
  std::vector<std::uint64_t> obsolete;  // nodes to remove; their ids mean nothing
  std::vector<std::uint64_t> renamed;   // nodes that got their id since the snapshot before
  std::int64_t complete_to = 0;
};

// How far a build is, for those who watch it. Thread-safe.
struct BuildProgress {
  std::atomic<double> share = -1;   // of the rows that were read, 0 to 1; less than 0: none runs
  std::atomic<double> seconds = 0;  // that the last build took; 0: there was none in this process
};

// ef_search for a recall that a user asked for: what is out of the range that can be asked for is
// brought into it. `limit`: rows wanted; 0: unknown.
std::size_t ef_for(const core::HnswIndex& graph, double recall, std::size_t limit);

// Where exactness by a scan is cheaper than keeping more.
struct VectorIndexLimits {
  // A snapshot older than this many changes of the table is answered by a scan.
  std::size_t recent_changes = 200000;
  // More rows than this that changed around a snapshot: a scan is cheaper than looking at each.
  std::size_t changed_rows = 100000;
  // Old versions wait for searches that may need them, but no more than so many.
  std::size_t obsolete = 50000;
};

class VectorIndex {
 public:
  explicit VectorIndex(VectorIndexDefinition definition, VectorIndexLimits limits = {});

  const VectorIndexDefinition& definition() const { return definition_; }

  class Search;
  // A search by a reader whose snapshot has changes up to `snapshot`.
  std::unique_ptr<Search> begin_search(std::int64_t snapshot);
  // The ids of nodes. Both vectors have the same length afterwards.
  void ids_of(const std::vector<core::Neighbor>& nodes, std::vector<std::int64_t>& ids) const;
  // What holds these rows, for a search that knows of changes up to `known_to`: the nodes of their
  // current versions, and the rows that have changed since, to be looked at in the snapshot. No
  // value: there are too many changes to know.
  struct Holders {
    core::LabelSet nodes;
    std::vector<std::int64_t> changed;
  };
  std::optional<Holders> holders_of(const core::LabelSet& ids, std::int64_t known_to) const;

  VectorIndexStats stats() const;
  // As VectorIndexes::ef_for.
  std::size_t ef_for(double recall, std::size_t limit) const;
  // About the recall of 10 answers by that ef_search, as it was measured last; 0: it was not.
  double recall_of(std::size_t ef_search) const;
  BuildProgress& build_progress() { return build_progress_; }
  const BuildProgress& build_progress() const { return build_progress_; }
  // Complete up to that change, be it in the graph or in the delta.
  bool is_complete_to(std::int64_t sequence) const;
  std::size_t delta_size() const;

  // --- For the keeper ---
  void install(BuiltGraph built);
  bool has_graph() const;
  // Brings into memory what of the graph is only in its file. Searches go on.
  void warm();
  // Measures what ef_search which recall takes, when the graph has grown to twice its size since.
  // True when it has.
  bool calibrate_if_due(unsigned threads, const std::atomic<bool>& stop);
  // Names changes that follow in touched_to() .. `touched_to`; from now on the index may hold
  // versions of rows up to there.
  void announce(const std::vector<Change>& changes, std::int64_t touched_to);
  std::int64_t touched_to() const;
  // Announced changes that have not been applied, oldest first, at most `limit`.
  std::vector<Change> pending(std::size_t limit) const;
  // Brings in one row as it is now; nullptr: it has no vector. The index is complete up to that
  // change then. `expected`: how many follow.
  void apply(const Change& change, const float* vector, std::size_t expected);
  void set_complete_to(std::int64_t sequence);
  std::size_t delta_memory_bytes() const;
  // Moves some of the oldest in the delta into the graph with that many threads. False when the
  // delta is empty. While they work `meanwhile` is called again and again, which may announce and
  // apply: or searches would have to look at each row that changed since.
  bool drain(unsigned threads, const std::function<void()>& meanwhile);
  // Removes some of the old versions that no search can need. True when there are more.
  bool remove_obsolete();
  // Replaces a graph that is mostly of old versions (after a TRUNCATE, say): cheaper than repairing
  // it around each of them.
  void renew_graph(unsigned threads);
  // The state for an index file: complete up to the returned BuiltGraph::complete_to.
  BuiltGraph snapshot_for_file();

 private:
  std::shared_ptr<core::HnswIndex> graph() const;
  enum class NodeState : std::uint8_t { free, in_delta, dead_in_delta, in_graph };
  struct Obsolete {
    std::int64_t sequence;  // of the change that made it so
    std::uint64_t node;
  };

  std::uint64_t new_node(std::int64_t id);
  void retire(std::int64_t id, std::int64_t sequence);
  bool holds(std::int64_t id, const float* vector) const;
  std::vector<std::uint64_t> take_removable();
  bool choose_entering();
  std::optional<std::vector<std::uint64_t>> survivors() const;

  const VectorIndexDefinition definition_;
  const VectorIndexLimits limits_;
  mutable std::mutex mutex_;
  std::shared_ptr<core::HnswIndex> graph_;
  std::vector<std::int64_t> node_ids_;
  std::vector<std::uint64_t> renamed_;  // since the last snapshot for the file
  std::vector<NodeState> node_states_;
  std::vector<std::uint64_t> free_nodes_;
  std::unordered_map<std::int64_t, std::uint64_t> current_;  // row id -> node
  VectorDelta delta_;
  DeltaPart entering_part_;            // that is being moved into the graph
  std::vector<std::size_t> entering_;  // its entries that are of interest
  std::deque<Change> recent_;          // ascending; every announced change after recent_floor_
  std::int64_t recent_floor_ = 0;
  std::int64_t complete_to_ = 0;
  std::int64_t touched_to_ = 0;
  std::deque<Obsolete> obsolete_;
  std::list<Search*> searches_;
  BuildProgress build_progress_;
};

// What one search may use, and its mark on the index, which goes with it.
class VectorIndex::Search {
 public:
  Search(VectorIndex& index, std::int64_t snapshot);
  ~Search();
  Search(const Search&) = delete;
  Search& operator=(const Search&) = delete;

  // False: the index cannot answer for this snapshot; scan the rows.
  bool is_possible() const { return graph_ != nullptr; }
  const core::HnswIndex& graph() const { return *graph_; }
  const std::vector<DeltaPart>& delta() const { return delta_; }
  // Rows that changed around the snapshot, as far as the index knows them; to be looked at in the
  // snapshot.
  const std::vector<std::int64_t>& changed() const { return changed_; }
  // Changes after this, up to the snapshot, must be read from the snapshot's own log.
  std::int64_t known_to() const { return known_to_; }
  // Once true, what the graph gave last and gives later may lack rows: scan the rows instead.
  bool is_stale() const { return stale_; }

 private:
  friend class VectorIndex;
  VectorIndex& index_;
  std::shared_ptr<core::HnswIndex> graph_;
  std::vector<DeltaPart> delta_;
  std::vector<std::int64_t> changed_;
  std::int64_t known_to_ = 0;
  std::int64_t complete_to_ = 0;
  std::chrono::steady_clock::time_point start_;
  std::atomic<bool> stale_ = false;
  std::list<Search*>::iterator position_;
};

}  // namespace dvecdb::server::storage
