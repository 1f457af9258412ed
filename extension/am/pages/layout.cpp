#include "extension/am/pages/layout.h"

#include <algorithm>

namespace dvecdb::extension {
namespace {

constexpr std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

constexpr std::uint32_t quotient_up(std::size_t a, std::size_t b) {
  return static_cast<std::uint32_t>((a + b - 1) / b);
}

/// A small table should not begin with a large group.
constexpr std::uint32_t kMaxGroupPages = 32;

}  // namespace

Layout::Layout(const IndexShape& shape, std::size_t code_bytes, std::size_t neighbor_code_bytes,
               std::size_t vector_bytes)
    : max_links_(2u * shape.m),
      code_bytes_(code_bytes),
      neighbor_code_bytes_(neighbor_code_bytes),
      vector_bytes_(round_up(vector_bytes, 8)) {
  fused_offset_ = sizeof(NodeHeader) + max_links_ * sizeof(NodeId);
  code_offset_ = round_up(fused_offset_ + fused_bytes(), 8);
  code_in_node_ = code_offset_ + round_up(code_bytes, 8) <= kPageBytes;
  node_stride_ = code_offset_ + (code_in_node_ ? round_up(code_bytes, 8) : 0);
  if (!code_in_node_) vector_bytes_ = std::max(vector_bytes_, round_up(code_bytes, 8));

  if (neighbor_code_bytes > 0) {
    codes_per_page_ =
        std::min(max_links_, static_cast<std::uint32_t>(kPageBytes / neighbor_code_bytes));
    pages_per_row_ = quotient_up(max_links_, codes_per_page_);
    row_stride_ = codes_per_page_ * neighbor_code_bytes;
    rows_per_page_ = pages_per_row_ > 1 ? 1 : static_cast<std::uint32_t>(kPageBytes / row_stride_);
  }
  if (vector_bytes_ > 0) {
    pages_per_vector_ = quotient_up(vector_bytes_, kPageBytes);
    vectors_per_page_ =
        pages_per_vector_ > 1 ? 1 : static_cast<std::uint32_t>(kPageBytes / vector_bytes_);
  }
  choose_group();
}

std::uint32_t Layout::pages_for(std::uint32_t nodes) const {
  std::uint32_t pages = 1;
  if (neighbor_code_bytes_ > 0) pages += quotient_up(nodes, rows_per_page_) * pages_per_row_;
  if (vector_bytes_ > 0) pages += quotient_up(nodes, vectors_per_page_) * pages_per_vector_;
  return pages;
}

/// As many nodes as take the fewest bytes each.
void Layout::choose_group() {
  const auto most = static_cast<std::uint32_t>(kPageBytes / node_stride_);
  nodes_per_group_ = 1;
  for (std::uint32_t nodes = 2; nodes <= most; ++nodes) {
    const std::uint64_t pages = pages_for(nodes);
    if (pages > kMaxGroupPages) break;
    const bool is_better =
        pages * nodes_per_group_ <= std::uint64_t{pages_for(nodes_per_group_)} * nodes;
    if (is_better) nodes_per_group_ = nodes;
  }
  if (neighbor_code_bytes_ > 0) {
    row_pages_ = quotient_up(nodes_per_group_, rows_per_page_) * pages_per_row_;
  }
  if (vector_bytes_ > 0) {
    vector_pages_ = quotient_up(nodes_per_group_, vectors_per_page_) * pages_per_vector_;
  }
}

}  // namespace dvecdb::extension
