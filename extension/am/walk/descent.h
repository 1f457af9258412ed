#pragma once

#include <array>
#include <cstdint>

#include "dvecdb/candidate_pool.h"
#include "extension/am/walk/node_reader.h"
#include "extension/memory.h"

namespace dvecdb::extension {

/// Goes down the upper levels of an index, by what the backend remembers of them where it can.
/// Borrows the reader and the query. Trivially destructible.
class Descent {
 public:
  Descent(NodeReader& reader, const NodeQuery& query)
      : reader_(reader), query_(query), cache_(reader.index().upper_cache()) {}

  /// Greedily from the entry down to and on `level`; the nearest node found. kNoNode and FLT_MAX
  /// when the entry is not there.
  core::Candidate run(NodeId entry, std::uint32_t entry_level, std::uint32_t level);

 private:
  using Place = UpperCache::Place;

  core::Candidate go_down(NodeId entry, std::uint32_t entry_level, std::uint32_t level);
  bool start(NodeId entry);
  void go_to_nearest(std::uint32_t level);
  std::size_t links_of_best(std::uint32_t level);
  std::size_t remembered_links(std::uint32_t level);
  Place remember(NodeId node);
  void measure(std::size_t count);

  NodeReader& reader_;
  const NodeQuery& query_;
  UpperCache* cache_;  // null where codes are not of one length
  core::Candidate best_;
  Place best_place_;
  NodeView view_;
  std::array<NodeId, kMaxLinks> links_;  // not compared yet
  std::array<Place, kMaxLinks> places_;
  std::array<float, kMaxLinks> distances_;
};

}  // namespace dvecdb::extension
