#pragma once

#include <cstdint>
#include <vector>

#include "extension/am/codes/node_codes.h"

namespace dvecdb::extension {

/// A node that may become a neighbor.
struct LinkCandidate {
  float distance;  ///< from the node in question
  NodeId node;
  const std::uint8_t* code;

  friend bool operator<(const LinkCandidate& a, const LinkCandidate& b) {
    return a.distance < b.distance || (a.distance == b.distance && a.node < b.node);
  }
};

/// Chooses who is whose neighbor, by codes: the heuristic of HNSW (Malkov and Yashunin, 2018,
/// algorithm 4), as core/hnsw/neighbor_selector.h has it. For one thread; may throw std::bad_alloc;
/// does not call PostgreSQL.
class NeighborChoice {
 public:
  explicit NeighborChoice(const NodeCodes& codes) : codes_(codes) {}

  /// Adds candidates (sorted) to `chosen`, in which there may be some before, until there are
  /// `capacity`. First come those in directions of their own: a candidate is left aside when one
  /// chosen before is nearer to it than the node is. What room remains is filled, first with those
  /// that are only just left aside, then with the nearest: a full list costs little more to read
  /// and finds more. Returns how many there were once all with directions of their own were added.
  std::size_t choose(const std::vector<LinkCandidate>& candidates, std::size_t capacity,
                     std::vector<LinkCandidate>& chosen);

  /// The distances from the one at a place of a list to those before it.
  void compare(const std::vector<LinkCandidate>& list, std::size_t at, std::vector<float>& out);

  /// Fills in the distances from the node with this code.
  void measure(const std::uint8_t* code, std::vector<LinkCandidate>& list);

 private:
  /// How far a candidate has been compared with those chosen.
  struct Cover {
    float distance;
    std::size_t compared;
  };

  void choose_uncovered(const std::vector<LinkCandidate>& candidates, std::size_t capacity,
                        float factor, std::vector<LinkCandidate>& chosen);

  const NodeCodes& codes_;
  std::vector<NodeQuery> queries_;  // of those chosen
  std::vector<Cover> covers_;       // by candidate
  std::vector<bool> taken_;         // by candidate
  std::vector<const std::uint8_t*> code_list_;
  std::vector<float> distances_;
  NodeQuery other_;
};

}  // namespace dvecdb::extension
