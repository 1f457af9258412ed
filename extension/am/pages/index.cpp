#include "extension/am/pages/index.h"

#include <cstring>
#include <unordered_map>

#include "extension/am/pages/items.h"
#include "extension/am/pages/prefetch.h"
#include "extension/failure_point.h"
#include "extension/guard.h"

extern "C" {
#include <executor/instrument.h>
#include <storage/buf_internals.h>
#include <storage/bufmgr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

/// After so many pins that found their page in buffers reading ahead ends.
constexpr std::uint32_t kColdPins = 256;

/// So much of a row is fetched ahead; the processor sees where it goes on.
constexpr std::size_t kRowAhead = 256;

bool is_tagged(const BufferDesc* buffer, Relation relation, BlockNumber block) {
  return buffer->tag.blockNum == block &&
         DVECDB_TAG_NUMBER(buffer->tag) == DVECDB_LOCATOR_NUMBER(relation);
}

std::unordered_map<Oid, std::unique_ptr<Index>>& known_indexes() {
  static std::unordered_map<Oid, std::unique_ptr<Index>> indexes;
  return indexes;
}

std::size_t kept_code_bytes(const IndexShape& shape, const NodeCodes& codes) {
  return shape.element == ElementKind::sparse ? sizeof(ItemPointerData) : codes.code_bytes();
}

std::size_t kept_vector_bytes(const IndexShape& shape) {
  if (shape.has_vectors == 0) return 0;
  return shape.dims * (shape.element == ElementKind::half ? sizeof(core::Half) : sizeof(float));
}

[[noreturn]] void raise_not_ours(Relation relation, BlockNumber block) {
  ereport(ERROR, (errcode(ERRCODE_INDEX_CORRUPTED),
                  errmsg("block %u of index \"%s\" is not a page of an hnsw index", block,
                         RelationGetRelationName(relation)),
                  errhint("REINDEX the index.")));
}

/// The floats of the code space, in the current context.
float* read_learned(Relation relation, const IndexShape& shape, std::size_t* count) {
  *count = 0;
  if (!ItemPointerIsValid(&shape.learned)) return nullptr;
  std::size_t bytes;
  auto* learned = reinterpret_cast<float*>(
      read_items(relation, shape.learned, kNoNode, ItemKind::learned, &bytes));
  *count = bytes / sizeof(float);
  return learned;
}

Index* find_known(Oid oid, std::uint64_t build_id) {
  const auto found = known_indexes().find(oid);
  if (found == known_indexes().end()) return nullptr;
  return found->second->shape().build_id == build_id ? found->second.get() : nullptr;
}

}  // namespace

Index::Index(const IndexShape& shape, const std::vector<float>& learned)
    : shape_(shape), codes_(NodeCodes::make(shape, learned)) {
  std::size_t neighbor_code_bytes = 0;
  if (shape.neighbor_bits > 0) {
    neighbor_codes_ = std::make_unique<core::NeighborCodes>(shape.neighbor_bits,
                                                            codes_->space()->metric(), shape.dims);
    neighbor_code_bytes = neighbor_codes_->code_bytes();
  }
  layout_ =
      Layout(shape, kept_code_bytes(shape, *codes_), neighbor_code_bytes, kept_vector_bytes(shape));
  if (codes_->code_bytes() > 0) {
    upper_cache_ = std::make_unique<UpperCache>(codes_->code_bytes(), shape.m);
  }
}

Buffer read_block(Relation relation, BlockNumber block) {
  if (block == InvalidBlockNumber) raise_not_ours(relation, block);
  return ReadBuffer(relation, block);
}

/// Makes room for what is known of a block. What a damaged page names may lie beyond the end.
void Index::know_of(Relation relation, BlockNumber block) {
  if (block < known_.size()) return;
  const std::size_t blocks = RelationGetNumberOfBlocks(relation);
  if (block >= blocks) raise_not_ours(relation, block);
  guarded([&] { known_.resize(blocks + blocks / 4 + 1); });
}

Buffer Index::pin(Relation relation, BlockNumber block) {
  failure_point("pin");
  know_of(relation, block);
  Buffer& recent = known_[block].buffer;
  const bool is_there = recent != InvalidBuffer &&
                        ReadRecentBuffer(DVECDB_LOCATOR(relation), MAIN_FORKNUM, block, recent);
  if (is_there) {
    cold_pins_ -= cold_pins_ > 0;
    return recent;
  }
  const auto reads = pgBufferUsage.shared_blks_read;
  recent = read_block(relation, block);
  if (pgBufferUsage.shared_blks_read != reads) cold_pins_ = kColdPins;
  return recent;
}

bool Index::is_of_kind(Buffer buffer, BlockNumber block, PageKind kind) {
  if (block < known_.size() && known_[block].kind == kind) return true;
  if (!extension::is_of_kind(BufferGetPage(buffer), kind)) return false;
  if (block < known_.size()) known_[block].kind = kind;
  return true;
}

/// The page that a block was in last, if it was; another's by now, perhaps. Has the processor fetch
/// the buffer's descriptor, which pinning it will change.
Page Index::recent_page(BlockNumber block) const {
  if (block >= known_.size() || known_[block].buffer <= InvalidBuffer) return nullptr;
  const Buffer buffer = known_[block].buffer;
  __builtin_prefetch(GetBufferDescriptor(static_cast<uint32>(buffer - 1)), 1);
  return BufferGetPage(buffer);
}

void Index::prefetch_node(NodeId node, bool with_row) const {
  const Page page = recent_page(layout_.node_block(node));
  if (page == nullptr) return;
  prefetch_bytes(layout_.header(page, layout_.place_of(node)), layout_.node_stride());
  if (!with_row || !layout_.has_rows()) return;
  const Page row = recent_page(layout_.row_block(node));
  if (row != nullptr) prefetch_bytes(layout_.row(row, node), kRowAhead);
}

/// Read without a lock: it only decides whether to read ahead.
bool Index::is_likely_in_buffers(Relation relation, BlockNumber block) const {
  const Buffer buffer = known_[block].buffer;
  if (buffer < 0) return true;  // of a temporary table
  return is_tagged(GetBufferDescriptor(static_cast<uint32>(buffer - 1)), relation, block);
}

/// A page that this backend never came to read after it was read ahead is of no use: rows of nodes
/// without codes in them.
void Index::read_ahead(Relation relation, BlockNumber block) {
  know_of(relation, block);
  KnownPage& page = known_[block];
  if (page.buffer == InvalidBuffer ? page.was_read_ahead : is_likely_in_buffers(relation, block)) {
    return;
  }
  page.was_read_ahead = true;
  PrefetchBuffer(relation, MAIN_FORKNUM, block);
}

void Index::read_node_ahead(Relation relation, NodeId node) {
  read_ahead(relation, layout_.node_block(node));
  if (layout_.has_rows()) read_ahead(relation, layout_.row_block(node));
}

MetaData* meta_of(Page page) {
  return reinterpret_cast<MetaData*>(PageGetContents(page));
}

MetaData read_meta(Relation relation) {
  const Buffer buffer = ReadBuffer(relation, 0);
  LockBuffer(buffer, BUFFER_LOCK_SHARE);
  const Page page = BufferGetPage(buffer);
  if (!is_of_kind(page, PageKind::meta)) raise_not_ours(relation, 0);
  const MetaData meta = *meta_of(page);
  UnlockReleaseBuffer(buffer);
  if (meta.magic != kIndexMagic) raise_not_ours(relation, 0);
  if (meta.version != kFormatVersion) {
    ereport(ERROR, (errcode(ERRCODE_INDEX_CORRUPTED),
                    errmsg("index \"%s\" has format version %u, but only version %u is known",
                           RelationGetRelationName(relation), meta.version, kFormatVersion),
                    errhint("REINDEX the index, or install the version that wrote it.")));
  }
  return meta;
}

Index& open_index(Relation relation, MetaData* meta) {
  *meta = read_meta(relation);
  const Oid oid = RelationGetRelid(relation);
  Index* known = find_known(oid, meta->shape.build_id);
  if (known != nullptr) return *known;
  std::size_t count;
  float* learned = read_learned(relation, meta->shape, &count);
  return *guarded([&] {
    auto made = std::make_unique<Index>(meta->shape, std::vector<float>(learned, learned + count));
    return (known_indexes()[oid] = std::move(made)).get();
  });
}

void init_page(Page page, PageKind kind) {
  PageInit(page, BLCKSZ, sizeof(PageTail));
  auto* tail = reinterpret_cast<PageTail*>(PageGetSpecialPointer(page));
  *tail = {static_cast<std::uint16_t>(kind), 0, kIndexMagic};
}

void cover(Page page, const void* end) {
  const auto offset = static_cast<const char*>(end) - static_cast<const char*>(page);
  auto* header = reinterpret_cast<PageHeader>(page);
  if (header->pd_lower < offset) header->pd_lower = static_cast<LocationIndex>(offset);
}

PageKind kind_of(Relation relation, Buffer buffer) {
  const Page page = BufferGetPage(buffer);
  for (const PageKind kind :
       {PageKind::meta, PageKind::node, PageKind::row, PageKind::vector, PageKind::item}) {
    if (is_of_kind(page, kind)) return kind;
  }
  raise_not_ours(relation, BufferGetBlockNumber(buffer));
}

}  // namespace dvecdb::extension
