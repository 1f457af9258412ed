#pragma once

#include <cstddef>
#include <cstdint>

#include "extension/am/vacuum/node_set.h"
#include "extension/am/walk/node_reader.h"

namespace dvecdb::extension {

/// The codes of nodes, in memory as far as maintenance_work_mem allows: repairing a list compares
/// some fifty of them, and each would else be found by a page of its own. Only codes that lie in
/// NODE pages are kept, of the first nodes that there is room for; others are read when asked for.
///
/// Lives in the memory context in which it was made. Trivially destructible.
class CodeTable {
 public:
  CodeTable() = default;

  /// For nodes below `count`.
  CodeTable(const Index& index, NodeId count);

  /// Keeps the code of a node of a locked page, if there is room for it.
  void put(NodeId node, NodeHeader* header);

  /// A node's code; null if it is not there. Valid until forget().
  const std::uint8_t* code(NodeReader& reader, NodeId node);
  /// Bytes of a code: of one that was asked for, as sparse vectors differ.
  std::size_t code_size(const std::uint8_t* code) const;

  /// Gives up the memory of codes that were read from pages.
  void forget() { MemoryContextReset(read_); }

  /// Has the processor fetch what is kept of a node.
  void prefetch(NodeId node) const;

 private:
  const Index* index_ = nullptr;
  MemoryContext read_ = nullptr;
  std::size_t bytes_ = 0;  // of a code
  NodeSet kept_;
  std::uint8_t* codes_ = nullptr;  // by node
};

}  // namespace dvecdb::extension
