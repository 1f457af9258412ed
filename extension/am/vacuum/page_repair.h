#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "extension/am/pages/page_patch.h"
#include "extension/am/vacuum/list_repair.h"

namespace dvecdb::extension {

/// Brings the nodes of a page up to date: their lists no longer lead to the dead, and their rows
/// hold the codes of all their links.
///
/// Links and codes are found while nothing is locked. What is written is what was found, if the
/// node's list is still the one that it was found for; else the page is done again. A code gets
/// into the row with its bit, in one record, so they agree at any moment.
///
/// Owns memory: belongs to a memory context (make_owned). Borrows what it is made of.
class PageRepair {
 public:
  PageRepair(ListRepair& lists, NodeReader& reader, Survey& survey)
      : lists_(lists), reader_(reader), survey_(survey) {}

  /// `locked`: a NODE page, of `group`. Gives up the lock.
  void repair(Buffer locked, std::uint32_t group);

 private:
  /// A node that is to be changed.
  struct Change {
    NodeId node;
    LinkList before;
    LinkList after;
    std::array<std::uint8_t, (kMaxLinks + 7) / 8> fused;  // of `after`, before codes are added
    bool is_written;
    bool is_lost;  // another has changed the list meanwhile
  };

  /// A code that is to be written.
  struct Code {
    std::size_t change;
    std::uint32_t link;  // place in the list
    BlockNumber block;
    std::size_t at;  // in codes_
  };

  const Layout& layout() const { return reader_.index().layout(); }
  bool repair_copied(std::uint32_t group);
  void look_at(NodeId node, NodeHeader* header);
  bool is_fused(NodeHeader* header) const;
  void repair_upper(NodeId node, const NodeHeader& header);
  std::size_t add_change(NodeId node, NodeHeader* header, const LinkList& before,
                         const LinkList& after);
  void encode(std::size_t at, const std::uint8_t* own_code);
  bool has_unwritten() const;
  std::size_t end_of_record(std::size_t first) const;
  bool write_record(std::uint32_t group, std::size_t first, std::size_t end);
  void compare(Page page, Change& change);
  void write_list(Page page, Change& change);
  Buffer begin_row_page(BlockNumber block);
  void write_code(Buffer buffer, const Code& code);

  ListRepair& lists_;
  NodeReader& reader_;
  Survey& survey_;
  PagePatch patch_;
  std::vector<Change> changes_;
  std::vector<Code> tasks_;
  std::vector<std::uint8_t> codes_;
  std::vector<float> own_;       // rotated
  std::vector<float> neighbor_;  // rotated
  core::NeighborCodes::Scratch scratch_;
  alignas(MAXIMUM_ALIGNOF) std::array<char, BLCKSZ> copy_;
};

}  // namespace dvecdb::extension
