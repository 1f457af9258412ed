#pragma once

#include <cstddef>
#include <cstdint>

#include "dvecdb/code_space.h"
#include "dvecdb/hnsw.h"

namespace dvecdb::core {

class Graph;

/// The inside of an index, to be read by who stores it in a form of its own. A view: it borrows the
/// index, which must neither change nor be moved from while the view is in use. Then it is safe
/// for use from any number of threads.
///
/// Nodes are numbered by slots, dense from 0 on. Arguments must be in range.
class HnswGraph {
 public:
  explicit HnswGraph(const HnswIndex& index);

  /// In place of a slot: none.
  static constexpr std::uint32_t kNone = 0xffffffffu;

  enum class Role : std::uint8_t {
    none,       ///< holds no live label; after removals others may link to it, until compact()
    linked,     ///< reached through the graph
    duplicate,  ///< equals a linked node, and is reached through that one's chain
    unranked,   ///< a zero vector, which has no cosine: outside of the graph
  };

  std::uint32_t slots() const;
  Role role(std::uint32_t slot) const;
  std::uint64_t label(std::uint32_t slot) const;
  /// dims floats; on disk, if the index keeps its vectors there.
  const float* vector(std::uint32_t slot) const;
  /// By codes().
  const std::uint8_t* code(std::uint32_t slot) const;
  const CodeSpace& codes() const;

  /// Of a linked node: its highest level.
  std::uint32_t level(std::uint32_t slot) const;
  /// Of a linked node: copies the neighbors on a level, up to its level, to `out`, which has room
  /// for capacity(level). How many. In no order that says anything.
  std::size_t links(std::uint32_t slot, std::uint32_t level, std::uint32_t* out) const;
  /// Neighbors that a node has at most on that level.
  std::size_t capacity(std::uint32_t level) const;
  /// The next of equal vectors, of a linked node the first; or kNone.
  std::uint32_t next_duplicate(std::uint32_t slot) const;
  /// A linked node of the highest level, or kNone in an index without any.
  std::uint32_t entry() const;

 private:
  const Graph* graph_;
  const CodeSpace* codes_;
};

}  // namespace dvecdb::core
