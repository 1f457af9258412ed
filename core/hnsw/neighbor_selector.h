#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/hnsw/walk.h"

namespace dvecdb::core {

/// Chooses a node's neighbors, by codes; where scratch.query is exact, by vectors. Borrows the
/// graph; stateless.
class NeighborSelector {
 public:
  NeighborSelector(const Graph& graph, const CodeSpace& codes)
      : graph_(graph), codes_(codes), walker_(graph, codes) {}

  /// Adds to scratch.slots (those chosen already) neighbors out of scratch.candidates (sorted,
  /// the distances seen from the node in question) until there are `capacity`. First those in
  /// directions of their own: a candidate is left aside when one chosen before is nearer to it
  /// than the node. What room remains is filled, first with those that are only just left aside,
  /// then with the nearest: a full list costs little more to read and finds more.
  void select(Scratch& scratch, std::size_t capacity) const;

  /// The same for a new node, with none chosen yet, after its walk (of scratch.query) on `level`.
  /// Where the candidates lie in one or two directions only, it looks for others beyond them.
  /// Returns how many have directions of their own: they come first.
  std::size_t select_from_walk(Scratch& scratch, std::size_t capacity, std::uint32_t level) const;

 private:
  /// So many candidates at a time are compared with those chosen before them.
  static constexpr std::size_t kComparedAtOnce = 16;

  /// Places in scratch.candidates that no one chosen covers so far; nearer than its limit it would.
  struct OpenCandidates {
    std::size_t count = 0;
    std::array<std::size_t, kComparedAtOnce> places;
    std::array<float, kComparedAtOnce> limits;

    void add(std::size_t place, float limit) {
      places[count] = place;
      limits[count++] = limit;
    }
    template <class IsKept>
    void keep_if(IsKept is_kept) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const std::size_t place = places[kept] = places[i];
        const float limit = limits[kept] = limits[i];
        kept += is_kept(place, limit);
      }
      count = kept;
    }
    void take_first() {
      const std::size_t first = places[0];
      keep_if([&](std::size_t place, float) { return place != first; });
    }
  };

  bool covered(std::uint32_t candidate, float limit, const Scratch& scratch) const;
  void prepare_chosen(Scratch& scratch, std::size_t capacity) const;
  void choose(std::uint32_t slot, Scratch& scratch) const;
  void fill(Scratch& scratch, std::size_t capacity) const;
  void select_uncovered(Scratch& scratch, std::size_t capacity, float factor) const;
  static OpenCandidates open_candidates(std::size_t begin, std::size_t end, float factor,
                                        const Scratch& scratch);
  void compare(std::size_t chosen, OpenCandidates& open, Scratch& scratch) const;
  void select_beyond(Scratch& scratch, std::size_t capacity, std::uint32_t level) const;

  const Graph& graph_;
  const CodeSpace& codes_;
  Walker walker_;
};

}  // namespace dvecdb::core
