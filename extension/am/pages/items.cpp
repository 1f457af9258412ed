#include "extension/am/pages/items.h"

#include <algorithm>
#include <cstring>

#include "extension/am/pages/allocate.h"
#include "extension/am/pages/index.h"
#include "extension/am/pages/page_change.h"

extern "C" {
#include <lib/stringinfo.h>
#include <storage/bufmgr.h>
#include <storage/freespace.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {
namespace {

struct FoundItem {
  ItemHeader* header;
  std::uint8_t* bytes;
  std::size_t size;
};

/// The item at a place of a locked page; false if it is not there or not the owner's.
bool find_item(Page page, OffsetNumber at, NodeId owner, FoundItem* out) {
  if (!is_of_kind(page, PageKind::item) || at > PageGetMaxOffsetNumber(page)) return false;
  const ItemId id = PageGetItemId(page, at);
  if (!ItemIdIsUsed(id) || ItemIdGetLength(id) < sizeof(ItemHeader)) return false;
  auto* header = reinterpret_cast<ItemHeader*>(PageGetItem(page, id));
  if (header->owner != owner) return false;
  *out = {header, reinterpret_cast<std::uint8_t*>(header + 1),
          ItemIdGetLength(id) - sizeof(ItemHeader)};
  return true;
}

/// ItemPointerSet, which narrows without saying so.
ItemPointerData item_at(BlockNumber block, OffsetNumber place) {
  return {{static_cast<std::uint16_t>(block >> 16), static_cast<std::uint16_t>(block & 0xffff)},
          place};
}

}  // namespace

const std::uint8_t* item_bytes(Page page, OffsetNumber at, NodeId owner, ItemKind kind,
                               std::size_t* size) {
  FoundItem item;
  const bool is_there =
      find_item(page, at, owner, &item) && item.header->kind == static_cast<std::uint16_t>(kind);
  *size = is_there ? item.size : 0;
  return is_there ? item.bytes : nullptr;
}

ItemPointerData write_item(Relation relation, const Layout& layout, const ItemHeader& header,
                           Bytes bytes) {
  const std::size_t size = sizeof(ItemHeader) + bytes.size;
  auto* item = static_cast<char*>(palloc(size));
  std::memcpy(item, &header, sizeof header);
  std::memcpy(item + sizeof header, bytes.data, bytes.size);
  const Buffer buffer = lock_item_page(relation, layout, size);
  PageChange change(relation);
  const Page page = change.page(buffer);
  const OffsetNumber at =
      PageAddItem(page, reinterpret_cast<Pointer>(item), size, InvalidOffsetNumber, false, false);
  if (at == InvalidOffsetNumber) elog(ERROR, "an item of %zu bytes found no room", size);
  change.finish();
  const ItemPointerData written = item_at(BufferGetBlockNumber(buffer), at);
  UnlockReleaseBuffer(buffer);
  pfree(item);
  return written;
}

ItemPointerData write_items(Relation relation, const Layout& layout, NodeId owner, ItemKind kind,
                            Bytes bytes) {
  ItemHeader header{owner, {}, static_cast<std::uint16_t>(kind), 0};
  ItemPointerSetInvalid(&header.next);
  std::size_t rest = bytes.size;
  do {
    const std::size_t size = rest == 0 ? 0 : (rest - 1) % kItemBytes + 1;
    rest -= size;
    header.next =
        write_item(relation, layout, header, {static_cast<const char*>(bytes.data) + rest, size});
  } while (rest > 0);
  return header.next;
}

std::uint8_t* read_items_if_there(Relation relation, ItemPointerData first, NodeId owner,
                                  ItemKind kind, std::size_t* size) {
  StringInfoData out;
  initStringInfo(&out);
  for (ItemPointerData at = first; ItemPointerIsValid(&at);) {
    CHECK_FOR_INTERRUPTS();
    const Buffer buffer = read_block(relation, ItemPointerGetBlockNumber(&at));
    LockBuffer(buffer, BUFFER_LOCK_SHARE);
    FoundItem item;
    const bool is_there =
        find_item(BufferGetPage(buffer), ItemPointerGetOffsetNumber(&at), owner, &item) &&
        item.header->kind == static_cast<std::uint16_t>(kind);
    if (is_there) {
      appendBinaryStringInfo(&out, reinterpret_cast<char*>(item.bytes),
                             static_cast<int>(item.size));
      at = item.header->next;
    }
    UnlockReleaseBuffer(buffer);
    if (!is_there) return nullptr;
  }
  *size = static_cast<std::size_t>(out.len);
  return reinterpret_cast<std::uint8_t*>(out.data);
}

std::uint8_t* read_items(Relation relation, ItemPointerData first, NodeId owner, ItemKind kind,
                         std::size_t* size) {
  std::uint8_t* bytes = read_items_if_there(relation, first, owner, kind, size);
  if (bytes == nullptr) {
    ereport(ERROR,
            (errcode(ERRCODE_INDEX_CORRUPTED),
             errmsg("index \"%s\" lacks what its item (%u,%u) should hold",
                    RelationGetRelationName(relation), ItemPointerGetBlockNumberNoCheck(&first),
                    ItemPointerGetOffsetNumberNoCheck(&first)),
             errhint("REINDEX the index.")));
  }
  return bytes;
}

bool exchange_in_item(Relation relation, ItemPointerData at, NodeId owner,
                      const Exchange& exchange) {
  const Buffer buffer = read_block(relation, ItemPointerGetBlockNumber(&at));
  LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
  PageChange change(relation);
  FoundItem item;
  const bool is_expected =
      find_item(change.page(buffer), ItemPointerGetOffsetNumber(&at), owner, &item) &&
      exchange.offset + exchange.size <= item.size &&
      std::memcmp(item.bytes + exchange.offset, exchange.expected, exchange.size) == 0;
  if (is_expected) {
    std::memcpy(item.bytes + exchange.offset, exchange.bytes, exchange.size);
    change.finish();
  } else {
    change.abort();
  }
  UnlockReleaseBuffer(buffer);
  return is_expected;
}

bool free_item(Relation relation, ItemPointerData item, NodeId owner, ItemPointerData* next) {
  const BlockNumber block = ItemPointerGetBlockNumber(&item);
  const OffsetNumber place = ItemPointerGetOffsetNumber(&item);
  const Buffer buffer = read_block(relation, block);
  LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
  PageChange change(relation);
  const Page page = change.page(buffer);
  FoundItem found;
  if (!find_item(page, place, owner, &found)) {
    change.abort();
    UnlockReleaseBuffer(buffer);
    return false;
  }
  *next = found.header->next;
  PageIndexTupleDeleteNoCompact(page, place);
  const Size room = PageGetExactFreeSpace(page);
  change.finish();
  UnlockReleaseBuffer(buffer);
  RecordPageWithFreeSpace(relation, block, room);
  return true;
}

void free_items(Relation relation, ItemPointerData first, NodeId owner) {
  ItemPointerData at = first;
  while (ItemPointerIsValid(&at) && free_item(relation, at, owner, &at)) CHECK_FOR_INTERRUPTS();
}

}  // namespace dvecdb::extension
