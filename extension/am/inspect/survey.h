#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "extension/am/inspect/page_reader.h"

namespace dvecdb::extension {

/// A row that a node stands for.
struct RowOfNode {
  std::uint64_t tid;  ///< block << 16 | offset, so that they order as rows lie in the table
  NodeId node;

  friend bool operator<(const RowOfNode& a, const RowOfNode& b) { return a.tid < b.tid; }
};

std::uint64_t number_of(const ItemPointerData& tid);
ItemPointerData tid_of(std::uint64_t number);
BlockNumber block_of(std::uint64_t tid);
OffsetNumber offset_of(std::uint64_t tid);

constexpr std::size_t kMaxLevels = 32;  ///< more than any random level

/// What all pages of an index hold, but for where links lead. Owns memory: belongs to a memory
/// context (make_owned).
struct IndexSurvey {
  std::uint32_t groups = 0;
  std::array<std::uint64_t, 6> pages = {};  ///< by PageKind; 0: not in use yet

  /// By node: a NodeState, or kNotANode for numbers in groups of items.
  std::vector<std::uint8_t> states;
  std::vector<std::uint8_t> levels;
  std::vector<RowOfNode> rows;  ///< of live nodes

  std::array<std::uint64_t, kMaxLevels> live_by_level = {};
  std::uint64_t live = 0;
  std::uint64_t dead = 0;
  std::uint64_t free = 0;
  std::uint64_t links = 0;  ///< of live nodes, on the lowest level
  std::uint64_t fused = 0;  ///< of these, with their code in the row

  bool is_node(NodeId node) const { return node < states.size() && states[node] != kNotANode; }
  NodeState state(NodeId node) const { return static_cast<NodeState>(states[node]); }

  static constexpr std::uint8_t kNotANode = 255;
};

/// Whether others change the index while pages are read one after the other.
enum class Others { may_write, only_read };

/// Reads every page. Raises index_corrupted at the first that is not as pages/format.h says.
/// Takes 2 bytes a node and 16 a row.
void take_survey(PageReader& reader, const Layout& layout, Others others, IndexSurvey& out);

/// Raises index_corrupted for what could not be a meta page of ours. To be called before
/// open_index().
void check_meta(Relation index, const MetaData& meta);

}  // namespace dvecdb::extension
