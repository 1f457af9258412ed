#pragma once

#include <vector>

#include "extension/am/walk/node_reader.h"

namespace dvecdb::extension {

/// How long a code is, as NodeCodes takes it.
std::size_t bytes_of_code(const Index& index, const std::uint8_t* code);

/// The codes that one insertion has seen: lists of neighbors that are near to each other have most
/// of their nodes in common. Codes lie in the memory context of the insertion.
class CodeCache {
 public:
  explicit CodeCache(NodeReader& reader) : reader_(reader) {}

  /// Forgets all.
  void clear();

  /// Remembers a code that remains until clear().
  void add(NodeId node, const std::uint8_t* code);

  /// The code of a node; null if it is not there. Reads it if need be.
  const std::uint8_t* code_of(NodeId node);

  /// Has the processor fetch a code that is not known yet.
  void prefetch(NodeId node);

  /// A copy of a code in the current memory context.
  const std::uint8_t* copy(const std::uint8_t* code) const;

 private:
  struct Entry {
    NodeId node;
    std::uint32_t round;
    const std::uint8_t* code;
  };

  /// Where a node is, or belongs.
  Entry& find(NodeId node);
  void grow();

  NodeReader& reader_;
  std::vector<Entry> entries_;  // a hash table; entries of earlier rounds are empty
  std::size_t used_ = 0;
  std::uint32_t round_ = 1;
};

}  // namespace dvecdb::extension
