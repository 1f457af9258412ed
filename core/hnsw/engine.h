#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <vector>

#include "core/hnsw/graph.h"
#include "core/hnsw/label_map.h"
#include "core/hnsw/linker.h"
#include "core/hnsw/neighbor_selector.h"
#include "core/hnsw/recall_curve.h"
#include "core/hnsw/scratch.h"
#include "core/hnsw/shared_gate.h"
#include "core/hnsw/shared_work.h"
#include "core/hnsw/slot_bits.h"
#include "core/hnsw/walk.h"
#include "core/index_file/saved_file.h"
#include "dvecdb/hnsw.h"

namespace dvecdb::core {

/// Tombstones on their way to free slots. A sweep takes all tombstones of a moment as its
/// victims, then visits every node, a few with each call, and links it past the victims. When
/// it has been everywhere nothing leads to them, and after a moment in which no operation is
/// inside they are free.
struct Sweep {
  std::mutex turn;  ///< held by the thread that sweeps
  std::atomic<bool> running{false};
  std::vector<std::uint32_t> victims;
  std::uint32_t next = 0;
  std::uint32_t end = 0;

  std::mutex tombstones_mutex;
  std::vector<std::uint32_t> tombstones;

  // Open cursors may still hold slots that were swept after they began: those wait in limbo.
  struct Limbo {
    std::uint64_t cycle;
    std::vector<std::uint32_t> slots;
  };
  std::mutex cursors_mutex;
  std::uint64_t cycle = 0;
  std::multiset<std::uint64_t> cursors;  ///< the cycle in which each began
  std::vector<Limbo> limbo;
};

/// The index behind HnswIndex.
///
/// Locks, in the order in which they are taken:
///   saved.turn  of the thread that saves
///   changes  shared by insert, remove and sweep; exclusive while the index is saved
///   gate     shared by every operation; exclusive for moments in which nobody may be inside:
///            all codes are made anew, victims are chosen, victims become free
///   entry_mutex_, then a node's lock: for the entry point, for a node's links and chain
/// Never two nodes' locks at once.
class HnswEngine {
 public:
  explicit HnswEngine(const HnswOptions& wanted);

  // insert.cpp
  bool insert(std::uint64_t label, const float* vector);
  void train_if_due();

  // remove.cpp
  bool remove(std::uint64_t label);
  void compact();
  std::uint64_t cursor_opened();
  void cursor_closed(std::uint64_t cycle);

  // search.cpp
  std::vector<Neighbor> search(const float* query, std::size_t k, std::size_t ef,
                               const Filter& filter);

  std::vector<Neighbor> search_within(const float* query, double radius, std::size_t ef,
                                      RangeOptions wanted);
  /// Whether codes cannot tell the nearest of the scratch's pool, found for the query and not
  /// empty, apart.
  bool is_blind(const float* query, const Scratch& scratch) const;
  std::vector<Neighbor> search_around(std::uint32_t slot, const float* query, std::size_t k,
                                      std::size_t ef);

  HnswOptions options;
  CodeSpace codes;
  Graph graph;
  Walker walker;
  NeighborSelector selector;
  Linker linker;
  LabelMap labels;
  ScratchPool scratches;
  SlotBitsCache slot_bits{graph};
  SharedGate changes;
  SharedGate gate;
  Sweep sweep;
  std::atomic<std::size_t> live{0};
  std::atomic<std::size_t> deleted{0};
  std::atomic<std::uint64_t> next_sequence{0};
  std::atomic<std::size_t> next_training;
  RecallCurve recall_curve;     ///< changed with the gate held exclusively
  std::uint64_t trainings = 0;  ///< changed with the gate held exclusively
  SavedFile saved;

 private:
  static constexpr std::size_t kFirstTraining = 256;

  std::uint32_t level_of(std::uint64_t sequence) const;
  std::uint32_t fill_slot(std::uint64_t label, const float* vector, Scratch& scratch);
  void link(std::uint32_t slot, const float* vector, Scratch& scratch);
  void link_on_level(std::uint32_t slot, std::uint32_t level, Scratch& scratch);
  bool attach_to_equal(std::uint32_t slot, Scratch& scratch);

  // training.cpp
  void encode_again(std::uint32_t first, std::uint32_t end);

  void sweep_some(std::size_t budget);
  bool sweep_step(std::size_t budget);
  bool start_sweep();
  void finish_sweep();

  // repair.cpp
  void repair(std::uint32_t slot, Scratch& scratch);
  bool repair_level(std::uint32_t slot, std::uint32_t level, Scratch& scratch);
  void keep_ways_elsewhere(const std::vector<Candidate>& nearest, std::size_t capacity,
                           Scratch& scratch) const;
  bool are_blind(const WalkQuery& query, const std::vector<std::uint32_t>& slots,
                 std::vector<float> estimates) const;
  void unchain_victims(std::uint32_t slot);

  std::uint32_t live_in_chain(std::uint32_t slot) const;
  bool hand_over(std::uint32_t removed, std::uint32_t heir);
  EntryPoint best_entry() const;

  std::mutex entry_mutex_;
  std::mutex training_mutex_;
  SharedWork encoding_;  // of all, after training
};

}  // namespace dvecdb::core
