#include "extension/am/build/item_pages.h"

#include <cstring>

namespace dvecdb::extension {
namespace {

/// PageAddItem for the next line pointer; invalid when there is no room.
OffsetNumber append_item(Page page, const ItemHeader& header, Bytes bytes) {
  auto* head = reinterpret_cast<PageHeader>(page);
  const std::size_t size = sizeof header + bytes.size;
  const std::size_t room = static_cast<std::size_t>(head->pd_upper) - head->pd_lower;
  if (room < MAXALIGN(size) + sizeof(ItemIdData)) return InvalidOffsetNumber;
  const auto upper = static_cast<LocationIndex>(head->pd_upper - MAXALIGN(size));
  std::memcpy(page + upper, &header, sizeof header);
  std::memcpy(page + upper + sizeof header, bytes.data, bytes.size);
  ItemIdSetNormal(reinterpret_cast<ItemId>(page + head->pd_lower), upper & 0x7fffu, size & 0x7fffu);
  head->pd_upper = upper;
  head->pd_lower = static_cast<LocationIndex>(head->pd_lower + sizeof(ItemIdData));
  return static_cast<OffsetNumber>((head->pd_lower - SizeOfPageHeaderData) / sizeof(ItemIdData));
}

}  // namespace

ItemPointerData ItemPages::add_one(const ItemHeader& header, Bytes bytes) {
  OffsetNumber place = InvalidOffsetNumber;
  if (!pages_.empty()) place = append_item(pages_.back().data, header, bytes);
  if (place == InvalidOffsetNumber) {
    pages_.push_back(blank_.item);
    place = append_item(pages_.back().data, header, bytes);
  }
  const auto block = static_cast<BlockNumber>(first_ + pages_.size() - 1);
  return {{static_cast<std::uint16_t>(block >> 16), static_cast<std::uint16_t>(block & 0xffff)},
          place};
}

ItemPointerData ItemPages::add(NodeId owner, ItemKind kind, Bytes bytes) {
  ItemHeader header{owner, {}, static_cast<std::uint16_t>(kind), 0};
  ItemPointerSetInvalid(&header.next);
  std::size_t rest = bytes.size;
  while (rest > 0) {  // from the end: each knows the next
    const std::size_t size = (rest - 1) % kItemBytes + 1;
    rest -= size;
    header.next = add_one(header, {static_cast<const char*>(bytes.data) + rest, size});
  }
  return header.next;
}

}  // namespace dvecdb::extension
