#include "extension/am/insert/node_writer.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "extension/am/pages/allocate.h"
#include "extension/am/pages/items.h"

extern "C" {
#include <storage/bufmgr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

ItemPointerData no_item() {
  ItemPointerData none;
  ItemPointerSetInvalid(&none);
  return none;
}

/// Items and pages of a node beside its slot. They name the node, so its slot is taken first:
/// dead, so that nobody minds it, and with the row's TID, by which it is known again.
class NodeParts {
 public:
  NodeParts(InsertScratch& scratch, NodeId node)
      : scratch_(scratch), layout_(scratch.index.layout()), node_(node) {}

  static bool has_any(const InsertScratch& scratch) {
    return scratch.row.level > 0 || scratch.index.codes().code_bytes() == 0 ||
           scratch.index.layout().has_vectors();
  }

  void write() {
    if (scratch_.row.level > 0) upper_ = write_upper_links();
    if (scratch_.index.codes().code_bytes() == 0) {
      sparse_ = write_items(scratch_.relation, layout_, node_, ItemKind::sparse,
                            {scratch_.row.code, scratch_.row.code_bytes});
    }
    if (layout_.has_vectors()) write_vector();
  }

  void take_back() {
    free_items(scratch_.relation, upper_, node_);
    free_items(scratch_.relation, sparse_, node_);
  }

  ItemPointerData upper() const { return upper_; }
  ItemPointerData sparse() const { return sparse_; }

 private:
  ItemPointerData write_upper_links();
  void write_vector();

  InsertScratch& scratch_;
  const Layout& layout_;
  NodeId node_;
  ItemPointerData upper_ = no_item();
  ItemPointerData sparse_ = no_item();
};

ItemPointerData NodeParts::write_upper_links() {
  const std::size_t m = scratch_.index.shape().m;
  const std::size_t bytes = scratch_.row.level * m * sizeof(NodeId);
  auto* links = static_cast<NodeId*>(palloc(bytes));
  std::fill_n(links, scratch_.row.level * m, kNoNode);
  for (std::size_t level = 1; level < scratch_.levels.size(); ++level) {
    NodeId* out = links + (level - 1) * m;
    for (const LinkCandidate& one : scratch_.levels[level].chosen) *out++ = one.node;
  }
  return write_items(scratch_.relation, layout_, node_, ItemKind::links, {links, bytes});
}

/// The vector, or the code if it has no room in the slot.
void NodeParts::write_vector() {
  const NewRow& row = scratch_.row;
  const ElementKind element = scratch_.index.shape().element;
  const bool is_code = !layout_.code_in_node();
  const std::size_t size = is_code ? row.code_bytes : stored_bytes(element, row.value);
  const auto* bytes = is_code ? row.code : static_cast<const std::uint8_t*>(row.value.elements);
  BlockNumber block = layout_.vector_block(node_);
  for (std::size_t done = 0; done < size; done += kPageBytes) {
    const Buffer buffer = claim_page(scratch_.relation, block++, PageKind::vector);
    const Page page = BufferGetPage(buffer);
    if (!is_of_kind(page, PageKind::vector)) {
      ereport(ERROR, (errcode(ERRCODE_INDEX_CORRUPTED),
                      errmsg("block %u of index \"%s\" should hold vectors", block - 1,
                             RelationGetRelationName(scratch_.relation)),
                      errhint("REINDEX the index.")));
    }
    const std::size_t part = std::min(kPageBytes, size - done);
    std::uint8_t* at = layout_.vector(page, node_);
    scratch_.patch.begin(scratch_.relation);
    scratch_.patch.add_page(buffer);
    scratch_.patch.write(at, bytes + done, part);
    scratch_.patch.cover(at + part);
    scratch_.patch.finish();
    UnlockReleaseBuffer(buffer);
  }
}

NodeHeader new_header(const InsertScratch& scratch, NodeState state, const NodeParts& parts) {
  const std::size_t links = scratch.levels.empty() ? 0 : scratch.levels[0].chosen.size();
  return {state,
          static_cast<std::uint8_t>(scratch.row.level),
          static_cast<std::uint16_t>(links),
          scratch.row.tid,
          no_item(),
          parts.upper(),
          0};
}

/// Takes a free slot for a node that is not whole yet.
NodeId take_slot(InsertScratch& scratch) {
  const Layout& layout = scratch.index.layout();
  NodeId node;
  const Buffer buffer = lock_free_node(scratch.relation, layout, &node);
  NodeHeader* at = layout.header(BufferGetPage(buffer), layout.place_of(node));
  NodeHeader header{NodeState::dead, 0, 0, scratch.row.tid, no_item(), no_item(), 0};
  scratch.patch.begin(scratch.relation);
  scratch.patch.add_page(buffer);
  scratch.patch.write(at, header);
  if (scratch.index.codes().code_bytes() == 0) {  // not the item of who had the slot before
    const ItemPointerData none = no_item();
    scratch.patch.write(layout.code(at), &none, sizeof none);
  }
  scratch.patch.cover(reinterpret_cast<std::uint8_t*>(at) + layout.node_stride());
  scratch.patch.finish();
  UnlockReleaseBuffer(buffer);
  return node;
}

/// Writes the slot of a node into its page, which is locked; unlocks it.
void fill_slot(InsertScratch& scratch, Buffer buffer, NodeId node, const NodeParts& parts) {
  const Layout& layout = scratch.index.layout();
  NodeHeader* at = layout.header(BufferGetPage(buffer), layout.place_of(node));
  const NodeHeader header = new_header(scratch, NodeState::live, parts);
  struct {
    NodeHeader header;
    std::array<NodeId, kMaxLinks> links;
  } slot;
  slot.header = header;
  for (std::size_t i = 0; i < header.link_count; ++i) {
    slot.links[i] = scratch.levels[0].chosen[i].node;
  }
  static constexpr std::array<std::uint8_t, (kMaxLinks + 7) / 8> kNotFused{};
  PagePatch& patch = scratch.patch;
  patch.begin(scratch.relation);
  patch.add_page(buffer);
  patch.write(at, &slot, sizeof header + header.link_count * sizeof(NodeId));
  if (std::memcmp(layout.fused(at), kNotFused.data(), layout.fused_bytes()) != 0) {
    patch.write(layout.fused(at), kNotFused.data(), layout.fused_bytes());
  }
  const ItemPointerData sparse = parts.sparse();
  if (ItemPointerIsValid(&sparse)) {
    patch.write(layout.code(at), &sparse, sizeof sparse);
  } else if (layout.code_in_node()) {
    patch.write(layout.code(at), scratch.row.code, scratch.row.code_bytes);
  }
  patch.cover(reinterpret_cast<std::uint8_t*>(at) + layout.node_stride());
  patch.finish();
  UnlockReleaseBuffer(buffer);
}

/// The page of a slot that was taken, locked; invalid if VACUUM has freed it meanwhile.
Buffer lock_taken_slot(const InsertScratch& scratch, NodeId node) {
  const Layout& layout = scratch.index.layout();
  const Buffer buffer = ReadBuffer(scratch.relation, layout.node_block(node));
  LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
  NodeHeader* header = layout.header(BufferGetPage(buffer), layout.place_of(node));
  NodeHeader expected{NodeState::dead, 0, 0, scratch.row.tid, no_item(), no_item(), 0};
  if (std::memcmp(header, &expected, sizeof expected) == 0) return buffer;
  UnlockReleaseBuffer(buffer);
  return InvalidBuffer;
}

/// A neighbor may have gone since it was chosen, and its slot be the one that the new node got.
void forget_self(InsertScratch& scratch, NodeId node) {
  for (LevelLinks& level : scratch.levels) {
    std::erase_if(level.chosen, [node](const LinkCandidate& one) { return one.node == node; });
  }
}

}  // namespace

NodeId write_node(InsertScratch& scratch) {
  NodeId node;
  if (!NodeParts::has_any(scratch)) {
    const Buffer buffer = lock_free_node(scratch.relation, scratch.index.layout(), &node);
    forget_self(scratch, node);
    fill_slot(scratch, buffer, node, NodeParts(scratch, node));
    return node;
  }
  for (;;) {
    CHECK_FOR_INTERRUPTS();
    node = take_slot(scratch);
    forget_self(scratch, node);
    NodeParts parts(scratch, node);
    parts.write();
    const Buffer buffer = lock_taken_slot(scratch, node);
    if (buffer != InvalidBuffer) {
      fill_slot(scratch, buffer, node, parts);
      return node;
    }
    parts.take_back();
  }
}

}  // namespace dvecdb::extension
