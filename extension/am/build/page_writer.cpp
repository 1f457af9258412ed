#include "extension/am/build/page_writer.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "extension/failure_point.h"
#include "extension/memory.h"

extern "C" {
#include <storage/bufmgr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// Groups that are filled while those before are written.
class GroupBatch {
 public:
  GroupBatch(const GraphPages& pages, BlockNumber group_pages)
      : pages_(pages), group_pages_(group_pages) {}

  /// Has the pool fill groups from `first` on.
  void fill(std::uint32_t first, WorkerPool& pool) {
    first_ = first;
    count_ = std::min(kGroups, pages_.node_groups() - first);
    images_.resize(std::size_t{count_} * group_pages_);
    for (std::uint32_t i = 0; i < count_; ++i) {
      pool.submit([this, i] {
        GroupScratch scratch;
        pages_.fill_group(first_ + i, &images_[std::size_t{i} * group_pages_], scratch);
      });
    }
  }

  std::uint32_t end() const { return first_ + count_; }
  std::size_t size() const { return images_.size(); }
  const PGAlignedBlock* images() const { return images_.data(); }

 private:
  static constexpr std::uint32_t kGroups = 64;

  const GraphPages& pages_;
  BlockNumber group_pages_;
  std::uint32_t first_ = 0;
  std::uint32_t count_ = 0;
  std::vector<PGAlignedBlock> images_;
};

/// Writes images to new blocks at the end.
void write_pages(Relation index, const PGAlignedBlock* images, std::size_t count) {
  constexpr std::size_t kAtOnce = 64;
  Buffer buffers[kAtOnce];
  for (std::size_t done = 0; done < count;) {
    CHECK_FOR_INTERRUPTS();
    const std::size_t most = std::min(kAtOnce, count - done);
    const uint32 added = add_blocks(index, MAIN_FORKNUM, static_cast<uint32>(most), buffers);
    for (uint32 i = 0; i < added; ++i) {
      failure_point("build page");
      LockBuffer(buffers[i], BUFFER_LOCK_EXCLUSIVE);
      std::memcpy(BufferGetPage(buffers[i]), images[done + i].data, BLCKSZ);
      MarkBufferDirty(buffers[i]);
      UnlockReleaseBuffer(buffers[i]);
    }
    done += added;
  }
}

void write_nodes(Relation index, const GraphPages& pages, BlockNumber group_pages,
                 unsigned threads) {
  auto* ready = make_owned<GroupBatch>(CurrentMemoryContext, pages, group_pages);
  auto* next = make_owned<GroupBatch>(CurrentMemoryContext, pages, group_pages);
  // Made last, so it ends first, and its threads with it.
  auto* pool = make_owned<WorkerPool>(CurrentMemoryContext, threads);
  guarded([&] { next->fill(0, *pool); });
  while (next->size() > 0) {
    while (guarded([&] { return pool->help(); })) CHECK_FOR_INTERRUPTS();
    std::swap(ready, next);
    guarded([&] { next->fill(ready->end(), *pool); });
    write_pages(index, ready->images(), ready->size());
  }
}

/// To the end of the last group, of which blocks without items are zero.
BlockNumber write_items(Relation index, const ItemPages& items, BlockNumber group_pages) {
  static constexpr PGAlignedBlock kZero{};
  if (items.size() == 0) return InvalidBlockNumber;
  for (std::size_t i = 0; i < items.size(); ++i) write_pages(index, &items[i], 1);
  const BlockNumber last = RelationGetNumberOfBlocks(index) - 1;
  for (std::size_t i = items.size(); i % group_pages != 0; ++i) write_pages(index, &kZero, 1);
  return last;
}

void change_meta(Relation index, const GraphPages& pages, const Layout& layout,
                 BlockNumber last_item_block) {
  failure_point("build meta");
  const Buffer buffer = ReadBuffer(index, 0);
  LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
  MetaData* meta = meta_of(BufferGetPage(buffer));
  meta->shape.learned = pages.learned();
  meta->entry = pages.entry();
  meta->entry_level = pages.entry_level();
  meta->insert_group = layout.group_of(pages.nodes());
  meta->item_block = last_item_block;
  MarkBufferDirty(buffer);
  UnlockReleaseBuffer(buffer);
}

}  // namespace

MetaData empty_meta(const IndexShape& shape) {
  return {kIndexMagic, kFormatVersion, shape, kNoNode, 0, 0, InvalidBlockNumber};
}

void write_meta(Relation index, ForkNumber fork, const MetaData& meta) {
  Buffer buffer = InvalidBuffer;
  add_blocks(index, fork, 1, &buffer);
  LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
  const Page page = BufferGetPage(buffer);
  init_page(page, PageKind::meta);
  *meta_of(page) = meta;
  cover(page, meta_of(page) + 1);
  MarkBufferDirty(buffer);
  UnlockReleaseBuffer(buffer);
}

void write_graph(Relation index, const Index& shape, const GraphBuilder& builder,
                 unsigned threads) {
  const Layout& layout = shape.layout();
  const BlankPages* blank = make_blank_pages();
  auto* pages = make_owned<GraphPages>(CurrentMemoryContext, builder, shape, *blank);
  while (guarded([&] { return pages->prepare(); })) CHECK_FOR_INTERRUPTS();
  write_nodes(index, *pages, layout.group_pages(), threads);
  const BlockNumber last = write_items(index, pages->items(), layout.group_pages());
  change_meta(index, *pages, layout, last);
}

}  // namespace dvecdb::extension
