#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dvecdb/neighbor_codes.h"
#include "extension/am/codes/node_codes.h"
#include "extension/am/pages/layout.h"
#include "extension/am/pages/upper_cache.h"

namespace dvecdb::extension {

/// What a backend knows of an index and need not read again: its shape, what its codes mean, and
/// in which buffers its pages were last. Kept for the life of the backend, by index; belongs to one
/// thread, as backends do.
class Index {
 public:
  /// Of an index that is being built.
  Index(const IndexShape& shape, const std::vector<float>& learned);

  const IndexShape& shape() const { return shape_; }
  const Layout& layout() const { return layout_; }
  const NodeCodes& codes() const { return *codes_; }
  /// Null without rows.
  const core::NeighborCodes* neighbor_codes() const { return neighbor_codes_.get(); }

  /// What is remembered of the upper levels; null where codes are not of one length.
  UpperCache* upper_cache() { return upper_cache_.get(); }

  /// Pins a page. What was read before is found again without the buffer manager's table.
  Buffer pin(Relation relation, BlockNumber block);

  /// Whether a page is of a kind. Pages never become another kind, so each is looked at once: its
  /// two ends are far from what is read of it, and not in the processor's cache.
  bool is_of_kind(Buffer buffer, BlockNumber block, PageKind kind);

  /// Has the processor fetch what a walk reads first of a node, and of its row if `with_row`, if
  /// their pages were pinned before.
  void prefetch_node(NodeId node, bool with_row) const;

  /// Has the system read a node's page and that of its row, if they do not seem to be in buffers.
  void read_node_ahead(Relation relation, NodeId node);

  /// Whether pages had to be read lately. Else looking for what to read ahead is in vain, and costs
  /// a cache miss a page.
  bool is_cold() const { return cold_pins_ > 0; }

 private:
  struct KnownPage {
    Buffer buffer = InvalidBuffer;  ///< in which it was last
    PageKind kind{};                ///< 0: not looked at yet
    bool was_read_ahead = false;
  };

  void know_of(Relation relation, BlockNumber block);
  Page recent_page(BlockNumber block) const;
  void read_ahead(Relation relation, BlockNumber block);
  bool is_likely_in_buffers(Relation relation, BlockNumber block) const;

  IndexShape shape_;
  std::unique_ptr<NodeCodes> codes_;
  std::unique_ptr<core::NeighborCodes> neighbor_codes_;
  Layout layout_;
  std::unique_ptr<UpperCache> upper_cache_;
  std::vector<KnownPage> known_;  // by block
  std::uint32_t cold_pins_ = 0;   // to come, until pages count as being in buffers
};

/// ReadBuffer for a block that must be there. Raises ERRCODE_INDEX_CORRUPTED for
/// InvalidBlockNumber, a damaged place of an item: ReadBuffer would add a block for it.
Buffer read_block(Relation relation, BlockNumber block);

/// The index behind a relation; `meta` is read now. The reference holds until the next call.
/// Raises ERRCODE_INDEX_CORRUPTED when the meta page is not one of ours.
Index& open_index(Relation relation, MetaData* meta);

/// Copies what block 0 says.
MetaData read_meta(Relation relation);

/// The meta data in a locked page of block 0.
MetaData* meta_of(Page page);

/// Makes a page of a kind out of any.
void init_page(Page page, PageKind kind);

/// Says that a page other than of items is in use up to `end`: what lies beyond is not written to
/// the WAL. To be called for each slot that is written for the first time.
void cover(Page page, const void* end);

/// The kind of an initialised page; raises ERRCODE_INDEX_CORRUPTED for one that is not ours.
PageKind kind_of(Relation relation, Buffer buffer);

/// Whether a page is of a kind; false for one that is all zero, too.
inline bool is_of_kind(const char* page, PageKind kind) {
  // Only the end is looked at: of a page that is not in the processor's cache, that is one line.
  const auto* tail = reinterpret_cast<const PageTail*>(page + BLCKSZ - sizeof(PageTail));
  return tail->magic == kIndexMagic && tail->kind == static_cast<std::uint16_t>(kind);
}

}  // namespace dvecdb::extension
