#pragma once

#include <cstdint>

#include "extension/am/pages/index.h"
#include "extension/failure_point.h"

extern "C" {
#include <access/genam.h>
#include <commands/vacuum.h>
#include <storage/bufmgr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {

constexpr std::size_t kMaxNodesOfPage = kPageBytes / sizeof(NodeHeader);

/// The NODE pages that an index had when this was made, one after the other, through the few
/// buffers that vacuum may fill. Between pages vacuum's pauses are made and interrupts served.
class NodePages {
 public:
  NodePages(const IndexVacuumInfo* info, const Layout& layout)
      : info_(info), layout_(layout), blocks_(RelationGetNumberOfBlocks(info->index)) {}

  /// Groups, of which the last may not be there as a whole.
  std::uint32_t groups() const {
    const BlockNumber pages = layout_.group_pages();
    return blocks_ == 0 ? 0 : (blocks_ - 1 + pages - 1) / pages;
  }

  /// Locks the next page, as `mode` says; false when there are no more.
  bool next(int mode) {
    while (next_ < groups()) {
      DVECDB_VACUUM_DELAY();
      group_ = next_++;
      if (lock_group(group_, mode)) return true;
    }
    return false;
  }

  /// Locks the NODE page of a group; false, and nothing is locked, if it has none.
  bool lock_group(std::uint32_t group, int mode) {
    failure_point("vacuum page");
    buffer_ = ReadBufferExtended(info_->index, MAIN_FORKNUM, layout_.first_block(group), RBM_NORMAL,
                                 info_->strategy);
    LockBuffer(buffer_, mode);
    if (is_of_kind(BufferGetPage(buffer_), PageKind::node)) return true;
    unlock();
    return false;
  }

  Buffer buffer() const { return buffer_; }
  Page page() const { return BufferGetPage(buffer_); }
  std::uint32_t group() const { return group_; }
  void unlock() { UnlockReleaseBuffer(buffer_); }

 private:
  const IndexVacuumInfo* info_;
  const Layout& layout_;
  BlockNumber blocks_;
  std::uint32_t next_ = 0;
  std::uint32_t group_ = 0;
  Buffer buffer_ = InvalidBuffer;
};

}  // namespace dvecdb::extension
