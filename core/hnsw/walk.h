#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/hnsw/graph.h"
#include "core/hnsw/scratch.h"

namespace dvecdb::core {

/// Walks the graph on codes. Borrows both; stateless.
class Walker {
 public:
  Walker(const Graph& graph, const CodeSpace& codes) : graph_(graph), codes_(codes) {}

  /// Of a vector, and of (about) that of a slot: to be compared with codes.
  void prepare(const float* vector, WalkQuery& out) const;
  void prepare(std::uint32_t slot, WalkQuery& out) const;

  /// That of a slot, to be compared as `like` is.
  void prepare_like(const WalkQuery& like, std::uint32_t slot, WalkQuery& out) const;

  /// To be compared with vectors; borrows it.
  void prepare_exactly(const float* vector, WalkQuery& out) const;

  float estimate(const WalkQuery& query, std::uint32_t slot) const;
  void estimate(const WalkQuery& query, const std::uint32_t* slots, std::size_t count,
                float* out) const;
  /// The same of slots whose codes were read a moment ago: they are not asked for ahead.
  void estimate_again(const WalkQuery& query, const std::uint32_t* slots, std::size_t count,
                      float* out) const;

  /// What codes that are exact would give.
  void measure(const QueryMetric& query, const std::uint32_t* slots, std::size_t count,
               float* out) const;

  bool is_metric() const { return codes_.is_metric(); }

  /// Goes greedily from the entry down to (and on) `level`, and gives the nearest node found.
  Candidate descend(const WalkQuery& query, EntryPoint entry, std::uint32_t level) const;

  /// Goes greedily on one level, and gives the node at which no neighbor is nearer.
  Candidate nearest_from(const WalkQuery& query, Candidate start, std::uint32_t level) const;

  /// Sets the scratch up for a walk with a pool of `ef`, beginning at `start`.
  void begin(Scratch& scratch, std::size_t ef, Candidate start, Patience patience = {}) const;

  /// The same from all that the pool holds, and from here on by exact distances: scratch.query is
  /// no longer one for codes. For where codes cannot tell candidates apart.
  void begin_exactly(Scratch& scratch, const float* query, std::size_t ef, Patience patience) const;

  /// Expands the nearest candidates of the pool until all that it holds are expanded, or patience
  /// ends. With `keep_rejected`, every node met and not in the pool afterwards is in
  /// scratch.rejected.
  void walk(Scratch& scratch, std::uint32_t level, bool keep_rejected) const;

 private:
  static constexpr std::size_t kMaxLinks = 200;  // twice the largest m

  /// Neighbors met for the first time.
  struct Found {
    std::size_t count;
    std::array<std::uint32_t, kMaxLinks> slots;
    std::array<const std::uint8_t*, kMaxLinks> codes;
    std::array<float, kMaxLinks> distances;
  };

  static std::uint32_t next_to_expand(const CandidatePool& pool, const Found& found);
  bool is_tied(const Scratch& scratch) const;
  void prefetch_links(std::uint32_t slot) const;
  bool expand(Scratch& scratch, std::uint32_t level, Found& found) const;
  void estimate(const WalkQuery& query, Found& found) const;
  static void take(const Found& found, bool keep_rejected, Scratch& scratch);

  const Graph& graph_;
  const CodeSpace& codes_;
};

}  // namespace dvecdb::core
