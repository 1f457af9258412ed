#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "extension/am/pages/index.h"
#include "extension/am/scan_counters.h"

namespace dvecdb::extension {

constexpr std::size_t kMaxLinks = 200;  ///< twice the largest m

/// A node as it was under its page's lock.
struct NodeView {
  NodeHeader header;
  float distance;  ///< of the query, by the node's own code
  float error;     ///< NodeCodes::usual_error() of it
  std::array<NodeId, kMaxLinks> links;
  std::array<std::uint8_t, (kMaxLinks + 7) / 8> fused;

  bool is_fused(std::size_t i) const { return (fused[i / 8] >> (i % 8) & 1) != 0; }
};

/// Reads nodes of one index. Each read takes one page's lock for the time of a copy, so what is
/// read of one node belongs together, and what two reads give may not. Neighbors' numbers may lead
/// to nodes that are free, or another vector's by now: what is read there is true of that
/// one.
///
/// Borrows all. May raise PostgreSQL's errors; owns memory, so it belongs to a memory context
/// (make_owned).
class NodeReader {
 public:
  NodeReader(Relation relation, Index& index, ScanCounters& counters)
      : relation_(relation), index_(index), counters_(counters) {}

  Index& index() const { return index_; }
  Relation relation() const { return relation_; }
  ScanCounters& counters() { return counters_; }

  /// Reads a node; false if it is free or not there. `code`, if not null: room for its code,
  /// of codes().code_bytes(); none for sparse vectors.
  bool read(NodeId node, const NodeQuery& query, NodeView& out, std::uint8_t* code = nullptr);

  /// Reads a node's header alone; false if it is free or not there.
  bool header(NodeId node, NodeHeader* out);

  /// The distance by the node's own code; FLT_MAX if the node is free or not there.
  float distance(NodeId node, const NodeQuery& query);

  /// Distances of neighbors by the codes in the row of a node that was read: of links[places[i]].
  void row_distances(NodeId node, const NodeView& view, const NodeQuery& query,
                     const std::uint8_t* places, std::size_t count, float* out);

  /// The links on a level from 1 on; how many.
  std::size_t upper_links(NodeId node, const NodeHeader& header, std::uint32_t level, NodeId* out);

  /// Copies the code of a node: the bytes that NodeCodes takes, for sparse vectors, too. Null if
  /// the node is free or not there. Valid until the next call.
  const std::uint8_t* code(NodeId node);

  /// Copies the vector that is kept of a node for the final order; null if pages are not there.
  /// Valid until the next call of it or of code().
  const std::uint8_t* vector(NodeId node);

  /// Has the processor fetch what will be read of the node.
  void prefetch(NodeId node) const { index_.prefetch_node(node, true); }
  /// The same, but for its row.
  void prefetch_code(NodeId node) const { index_.prefetch_node(node, false); }

  /// Has the system read what will be read of the node.
  void read_ahead(NodeId node) const { index_.read_node_ahead(relation_, node); }

 private:
  /// Where a node's code is: in its page that is locked, or elsewhere.
  struct CodePlace {
    const std::uint8_t* near;
    ItemPointerData item;
  };

  Page lock(BlockNumber block, PageKind kind);
  NodeHeader* lock_node(NodeId node);
  void unlock();
  void measure(const NodeQuery& query, const std::uint8_t* code, NodeView& out) const;
  CodePlace find_code(NodeHeader* header) const;
  bool read_far_code(NodeId node, ItemPointerData item);
  bool read_vector_pages(NodeId node, std::size_t bytes);

  Relation relation_;
  Index& index_;
  ScanCounters& counters_;
  Buffer locked_ = InvalidBuffer;
  std::vector<std::uint8_t> far_code_;  // a code or vector that was copied
};

}  // namespace dvecdb::extension
