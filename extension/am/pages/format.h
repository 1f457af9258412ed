#pragma once

#include <cstddef>
#include <cstdint>

#include "extension/postgres.h"

extern "C" {
#include <storage/block.h>
#include <storage/bufpage.h>
#include <storage/itemptr.h>
}

/// What an index consists of on disk. docs/formats.md tells it in prose.
///
/// Block 0 is the META page. After it come groups of Layout::group_pages() pages each. A node group
/// is one NODE page, then ROW pages, then VECTOR pages; an item group is ITEM pages alone. Which it
/// is says the group's first page. A page that is all zero is there but not yet in use: a group
/// whose first page is zero belongs to nobody, a ROW or VECTOR page that is zero holds nothing.
///
/// Locks: a scan holds one page's at a time. Who holds several has taken them in this order: META,
/// NODE pages by block, ROW and VECTOR pages by block, ITEM pages. Rows are added to a node, items
/// taken out of its chain of rows, and its state changed under the exclusive lock of its NODE page,
/// which is held while an item is changed for that.
///
/// A node is a vector with its neighbors. Its number says by arithmetic where its parts lie
/// (Layout), so that links are numbers of four bytes.
namespace dvecdb::extension {

constexpr std::uint32_t kIndexMagic = 0x44564448u;
constexpr std::uint32_t kFormatVersion = 1;

using NodeId = std::uint32_t;
constexpr NodeId kNoNode = 0x7fffffffu;  ///< the core's pool of candidates has 31 bits for them

enum class PageKind : std::uint16_t { meta = 1, node = 2, row = 3, vector = 4, item = 5 };

/// The special space of every page.
struct PageTail {
  std::uint16_t kind;  ///< PageKind
  std::uint16_t unused;
  std::uint32_t magic;  ///< kIndexMagic
};
static_assert(sizeof(PageTail) == MAXALIGN(sizeof(PageTail)));

/// What is left of a page between its header and its tail.
constexpr std::size_t kPageBytes =
    BLCKSZ - MAXALIGN(SizeOfPageHeaderData) - MAXALIGN(sizeof(PageTail));

enum class ElementKind : std::uint8_t { single = 0, half = 1, sparse = 2, bit = 3 };

enum class DistanceKind : std::uint8_t {
  l2 = 0,
  inner_product = 1,
  cosine = 2,
  l1 = 3,
  hamming = 4,
  jaccard = 5,
};

/// What never changes once an index is built.
struct IndexShape {
  std::uint64_t build_id;  ///< another for each build, so that what is cached of an older one shows
  std::uint32_t dims;
  std::uint16_t m;
  std::uint16_t ef_construction;
  ElementKind element;
  DistanceKind distance;
  std::uint8_t code;           ///< core::CodeKind; 0 (automatic) for bit and sparse vectors
  std::uint8_t neighbor_bits;  ///< of an element of a neighbor's code; 0: there are no rows
  std::uint8_t has_vectors;    ///< whether vectors are kept in the index for the final order
  std::uint8_t unused[1];
  ItemPointerData learned;  ///< items with the code space's floats; invalid: nothing was learned
};

/// The contents of block 0.
struct MetaData {
  std::uint32_t magic;
  std::uint32_t version;
  IndexShape shape;
  NodeId entry;  ///< kNoNode while the index is empty
  std::uint32_t entry_level;
  std::uint32_t insert_group;  ///< no node group before it has a free slot, as far as is known
  BlockNumber item_block;      ///< the ITEM page that was filled last; InvalidBlockNumber: none yet
};

enum class NodeState : std::uint8_t {
  free = 0,
  live = 1,
  dead = 2,  ///< no row any more, links still lead through it; or one that is being inserted
};

/// The beginning of a node's slot in a NODE page. After it: links[2 * m], the neighbors on the
/// lowest level, of which link_count count; a bit for each that tells whether the row holds its
/// code; the node's own code.
struct NodeHeader {
  NodeState state;
  std::uint8_t level;
  std::uint16_t link_count;
  ItemPointerData tid;    ///< of the row; invalid: all rows are in `more`
  ItemPointerData more;   ///< items of further rows with equal codes; invalid: none
  ItemPointerData upper;  ///< item of the links on levels from 1 on; invalid when level is 0
  std::uint16_t unused;
};
static_assert(sizeof(NodeHeader) == 24);

/// Before the bytes of each item of an ITEM page. What is longer than an item is a chain of them.
struct ItemHeader {
  NodeId owner;          ///< whose it is; kNoNode: the index's
  ItemPointerData next;  ///< invalid: the last
  std::uint16_t kind;    ///< ItemKind
  std::uint32_t unused;
};
static_assert(sizeof(ItemHeader) == 16);

enum class ItemKind : std::uint16_t {
  links = 1,    ///< NodeId[level][m], ended by kNoNode each: levels 1, 2, ...
  tids = 2,     ///< ItemPointerData[]; invalid ones are empty places
  learned = 3,  ///< float[], of core::CodeSpace::learned()
  sparse = 4,   ///< int32 count, int32 indices[], float values[]
};

/// The longest item, without its header.
constexpr std::size_t kItemBytes = (kPageBytes - sizeof(ItemIdData) - sizeof(ItemHeader)) / 8 * 8;

}  // namespace dvecdb::extension
