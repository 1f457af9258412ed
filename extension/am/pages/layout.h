#pragma once

#include <cstddef>
#include <cstdint>

#include "extension/am/pages/format.h"

extern "C" {
#include <storage/buf.h>
#include <utils/relcache.h>
}

namespace dvecdb::extension {

/// Where the parts of a node lie. All by arithmetic from the shape; trivially copyable.
class Layout {
 public:
  Layout() = default;

  /// `code_bytes`: of a node's own code, `neighbor_code_bytes`: of one neighbor's (0 without rows),
  /// `vector_bytes`: of a vector kept for the final order (0 if none is).
  Layout(const IndexShape& shape, std::size_t code_bytes, std::size_t neighbor_code_bytes,
         std::size_t vector_bytes);

  BlockNumber group_pages() const { return 1 + row_pages_ + vector_pages_; }
  std::uint32_t nodes_per_group() const { return nodes_per_group_; }
  BlockNumber first_block(std::uint32_t group) const { return 1 + group * group_pages(); }
  std::uint32_t group_of_block(BlockNumber block) const { return (block - 1) / group_pages(); }
  /// Groups that begin within so many blocks. After a crash and on a standby the last one may lack
  /// pages at its end: they count as zero.
  std::uint32_t groups_in(BlockNumber blocks) const {
    return blocks == 0 ? 0 : (blocks - 1 + group_pages() - 1) / group_pages();
  }

  std::uint32_t group_of(NodeId node) const { return node / nodes_per_group_; }
  std::uint32_t place_of(NodeId node) const { return node % nodes_per_group_; }
  NodeId node_of(std::uint32_t group, std::uint32_t place) const {
    return group * nodes_per_group_ + place;
  }
  BlockNumber node_block(NodeId node) const { return first_block(group_of(node)); }
  /// What the n-th page of a node group is for.
  PageKind kind_of_page(BlockNumber n) const {
    if (n == 0) return PageKind::node;
    return n <= row_pages_ ? PageKind::row : PageKind::vector;
  }

  NodeHeader* header(Page page, std::uint32_t place) const {
    return reinterpret_cast<NodeHeader*>(slot(page, place * node_stride_));
  }
  NodeId* links(NodeHeader* node) const {
    return reinterpret_cast<NodeId*>(bytes_of(node) + sizeof(NodeHeader));
  }
  /// Bit i % 8 of byte i / 8: whether the row holds the code of link i.
  std::uint8_t* fused(NodeHeader* node) const { return bytes_of(node) + fused_offset_; }
  std::size_t fused_bytes() const { return (max_links_ + 7) / 8; }
  /// Only if code_in_node().
  std::uint8_t* code(NodeHeader* node) const { return bytes_of(node) + code_offset_; }

  std::size_t node_stride() const { return node_stride_; }
  std::uint32_t max_links() const { return max_links_; }
  std::size_t code_bytes() const { return code_bytes_; }
  /// Else (a code larger than a page has room for) it is the node's vector.
  bool code_in_node() const { return code_in_node_; }

  bool has_rows() const { return row_pages_ > 0; }
  std::size_t neighbor_code_bytes() const { return neighbor_code_bytes_; }
  /// The page and the offset in it from which the codes of the links lie. Codes that do not fit
  /// there lie in the pages after it, codes_per_page() each.
  BlockNumber row_block(NodeId node) const {
    return first_block(group_of(node)) + 1 + place_of(node) / rows_per_page_ * pages_per_row_;
  }
  std::uint8_t* row(Page page, NodeId node) const {
    return slot(page, place_of(node) % rows_per_page_ * row_stride_);
  }
  /// Of one node.
  std::uint32_t codes_per_page() const { return codes_per_page_; }

  bool has_vectors() const { return vector_pages_ > 0; }
  std::size_t vector_bytes() const { return vector_bytes_; }
  /// As with rows: what does not fit lies in the pages after it, kPageBytes each.
  BlockNumber vector_block(NodeId node) const {
    return first_block(group_of(node)) + 1 + row_pages_ +
           place_of(node) / vectors_per_page_ * pages_per_vector_;
  }
  std::uint8_t* vector(Page page, NodeId node) const {
    return slot(page, place_of(node) % vectors_per_page_ * vector_bytes_);
  }

 private:
  static std::uint8_t* slot(Page page, std::size_t offset) {
    return reinterpret_cast<std::uint8_t*>(page) + MAXALIGN(SizeOfPageHeaderData) + offset;
  }
  static std::uint8_t* bytes_of(NodeHeader* node) { return reinterpret_cast<std::uint8_t*>(node); }
  std::uint32_t pages_for(std::uint32_t nodes) const;
  void choose_group();

  std::uint32_t max_links_ = 0;
  std::uint32_t nodes_per_group_ = 1;
  std::size_t node_stride_ = 0;
  std::size_t fused_offset_ = 0;
  std::size_t code_offset_ = 0;
  std::size_t code_bytes_ = 0;
  bool code_in_node_ = true;

  BlockNumber row_pages_ = 0;
  std::size_t neighbor_code_bytes_ = 0;
  std::size_t row_stride_ = 0;
  std::uint32_t rows_per_page_ = 1;
  std::uint32_t pages_per_row_ = 1;
  std::uint32_t codes_per_page_ = 0;

  BlockNumber vector_pages_ = 0;
  std::size_t vector_bytes_ = 0;
  std::uint32_t vectors_per_page_ = 1;
  std::uint32_t pages_per_vector_ = 1;
};

}  // namespace dvecdb::extension
