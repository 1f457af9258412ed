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
  Descent(NodeReader& reader, const NodeQuery& query) : reader_(reader), query_(query) {}

  /// Greedily from the entry down to and on `level`; the nearest node found. kNoNode and FLT_MAX
  /// when the entry is not there.
  core::Candidate run(NodeId entry, std::uint32_t entry_level, std::uint32_t level);

 private:
  core::Candidate go_down(NodeId entry, std::uint32_t entry_level, std::uint32_t level);
  core::Candidate nearest_on(core::Candidate start, std::uint32_t level);
  core::Candidate start(NodeId entry);
  std::size_t links_of(NodeId node, std::uint32_t level);
  void measure_links(std::size_t count);
  bool remember(NodeId node);

  NodeReader& reader_;
  const NodeQuery& query_;
  NodeView view_;
  std::array<NodeId, kMaxLinks> links_;
  std::array<float, kMaxLinks> distances_;
};

}  // namespace dvecdb::extension
