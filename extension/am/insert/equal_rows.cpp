#include "extension/am/insert/equal_rows.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "extension/am/pages/items.h"

extern "C" {
#include <storage/bufmgr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

constexpr std::size_t kFirstPlaces = 4;    // of rows in the first item of a chain
constexpr std::size_t kMostPlaces = 1024;  // in the largest

constexpr int kAttempts = 5;

/// A place for a TID in an item of a locked page; null if it is full or not there. `size` is how
/// many the item has.
const ItemPointerData* empty_place(Page page, OffsetNumber at, NodeId owner, std::size_t* size) {
  std::size_t bytes;
  const auto* tids =
      reinterpret_cast<const ItemPointerData*>(item_bytes(page, at, owner, ItemKind::tids, &bytes));
  *size = bytes / sizeof(ItemPointerData);
  // Places are filled in order, but VACUUM may have emptied some.
  const auto* place =
      std::find_if(tids, tids + *size, [](const auto& tid) { return !ItemPointerIsValid(&tid); });
  return place == tids + *size ? nullptr : place;
}

bool is_same_tid(ItemPointerData a, ItemPointerData b) {
  return ItemPointerEquals(&a, &b);
}

/// A node that has the new row's code.
class EqualNode {
 public:
  EqualNode(InsertScratch& scratch, const Met& met)
      : scratch_(scratch), layout_(scratch.index.layout()), met_(met) {}

  bool add_row() {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      CHECK_FOR_INTERRUPTS();
      if (!lock()) return false;
      const ItemPointerData first = header()->more;
      std::size_t places = 0;
      const bool is_done = put_first() || put_into(first, &places);
      UnlockReleaseBuffer(buffer_);
      if (is_done || add_item(first, places)) return true;
    }
    return false;
  }

 private:
  NodeHeader* header() const {
    return layout_.header(BufferGetPage(buffer_), layout_.place_of(met_.node));
  }

  /// False, and nothing locked, when the node is no longer what the walk has met.
  bool lock() {
    buffer_ = scratch_.index.pin(scratch_.relation, layout_.node_block(met_.node));
    LockBuffer(buffer_, BUFFER_LOCK_EXCLUSIVE);
    if (is_of_kind(BufferGetPage(buffer_), PageKind::node) && is_same()) return true;
    UnlockReleaseBuffer(buffer_);
    return false;
  }

  bool is_same() const {
    NodeHeader* node = header();
    if (node->state != NodeState::live) return false;
    const bool has_code = layout_.code_in_node() && scratch_.index.codes().code_bytes() > 0;
    if (has_code) {
      return std::memcmp(layout_.code(node), scratch_.row.code, scratch_.row.code_bytes) == 0;
    }
    return ItemPointerIsValid(&node->tid) && is_same_tid(node->tid, met_.tid);
  }

  /// Puts the TID where that of a row was that is gone.
  bool put_first() {
    if (ItemPointerIsValid(&header()->tid)) return false;
    write(buffer_, &header()->tid, scratch_.row.tid);
    return true;
  }

  /// Puts the TID into an item while the node is locked.
  bool put_into(ItemPointerData item, std::size_t* places) {
    if (!ItemPointerIsValid(&item)) return false;
    const Buffer buffer = scratch_.index.pin(scratch_.relation, ItemPointerGetBlockNumber(&item));
    LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
    const ItemPointerData* place =
        empty_place(BufferGetPage(buffer), ItemPointerGetOffsetNumber(&item), met_.node, places);
    if (place != nullptr) write(buffer, place, scratch_.row.tid);
    UnlockReleaseBuffer(buffer);
    return place != nullptr;
  }

  /// Puts an item with the TID before the chain. False if another one was faster.
  bool add_item(ItemPointerData first, std::size_t places) {
    std::array<ItemPointerData, kMostPlaces> tids;
    for (ItemPointerData& tid : tids) ItemPointerSetInvalid(&tid);
    tids[0] = scratch_.row.tid;
    const std::size_t wanted = std::clamp(4 * places, kFirstPlaces, kMostPlaces);
    const ItemHeader item{met_.node, first, static_cast<std::uint16_t>(ItemKind::tids), 0};
    const ItemPointerData written = write_item(scratch_.relation, layout_, item,
                                               {tids.data(), wanted * sizeof(ItemPointerData)});
    if (lock()) {
      const bool is_next = is_same_tid(header()->more, first) ||
                           (!ItemPointerIsValid(&header()->more) && !ItemPointerIsValid(&first));
      if (is_next) write(buffer_, &header()->more, written);
      UnlockReleaseBuffer(buffer_);
      if (is_next) return true;
    }
    ItemPointerData next;
    free_item(scratch_.relation, written, met_.node, &next);
    return false;
  }

  void write(Buffer buffer, const ItemPointerData* at, ItemPointerData value) {
    scratch_.patch.begin(scratch_.relation);
    scratch_.patch.add_page(buffer);
    scratch_.patch.write(at, value);
    scratch_.patch.finish();
  }

  InsertScratch& scratch_;
  const Layout& layout_;
  const Met& met_;
  Buffer buffer_ = InvalidBuffer;
};

/// Whether the index holds the same of the node as of the new row.
bool is_equal(InsertScratch& scratch, const Met& met, const std::uint8_t* code, float self) {
  const NewRow& row = scratch.row;
  if (met.state != NodeState::live) return false;
  if (code == nullptr) {  // sparse: read it only if it is as near as the value itself
    if (met.distance != self) return false;
    code = scratch.codes.code_of(met.node);
    if (code == nullptr || bytes_of_code(scratch.index, code) != row.code_bytes) return false;
  }
  if (std::memcmp(code, row.code, row.code_bytes) != 0) return false;
  if (scratch.index.shape().has_vectors == 0) return true;
  const std::uint8_t* vector = scratch.reader.vector(met.node);
  const std::size_t bytes = stored_bytes(scratch.index.shape().element, row.value);
  return vector != nullptr && std::memcmp(vector, row.value.elements, bytes) == 0;
}

}  // namespace

bool add_to_equal(InsertScratch& scratch) {
  const bool has_codes = scratch.index.codes().code_bytes() > 0;
  const std::vector<Met>& met = scratch.walk.met();
  const float self = scratch.index.codes().distance(scratch.walk.query(), scratch.row.code);
  for (std::size_t i = 0; i < met.size(); ++i) {
    const std::uint8_t* code = has_codes ? scratch.walk.met_code(i) : nullptr;
    if (is_equal(scratch, met[i], code, self) && EqualNode(scratch, met[i]).add_row()) return true;
  }
  return false;
}

}  // namespace dvecdb::extension
