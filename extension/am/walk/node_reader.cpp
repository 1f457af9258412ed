#include "extension/am/walk/node_reader.h"

#include <algorithm>
#include <cfloat>
#include <cstring>

#include "extension/am/pages/items.h"
#include "extension/am/pages/prefetch.h"
#include "extension/guard.h"

extern "C" {
#include <storage/bufmgr.h>
#include <utils/rel.h>
}

namespace dvecdb::extension {

/// The page, locked; null, and nothing locked, if it is of another kind.
Page NodeReader::lock(BlockNumber block, PageKind kind) {
  ++counters_.pages_read;
  locked_ = index_.pin(relation_, block);
  LockBuffer(locked_, BUFFER_LOCK_SHARE);
  const Page page = BufferGetPage(locked_);
  if (index_.is_of_kind(locked_, block, kind)) return page;
  unlock();
  return nullptr;
}

void NodeReader::unlock() {
  UnlockReleaseBuffer(locked_);
  locked_ = InvalidBuffer;
}

/// The node in its page, which is locked; null, and nothing locked, if it is free.
NodeHeader* NodeReader::lock_node(NodeId node) {
  const Layout& layout = index_.layout();
  const Page page = lock(layout.node_block(node), PageKind::node);
  if (page == nullptr) return nullptr;
  NodeHeader* header = layout.header(page, layout.place_of(node));
  if (header->state != NodeState::free) return header;
  unlock();
  return nullptr;
}

NodeReader::CodePlace NodeReader::find_code(NodeHeader* header) const {
  const Layout& layout = index_.layout();
  CodePlace place{nullptr, {}};
  ItemPointerSetInvalid(&place.item);
  if (!layout.code_in_node()) return place;
  if (index_.codes().code_bytes() > 0) {
    place.near = layout.code(header);
  } else {
    std::memcpy(&place.item, layout.code(header), sizeof place.item);
  }
  return place;
}

void NodeReader::measure(const NodeQuery& query, const std::uint8_t* code, NodeView& out) const {
  out.distance = index_.codes().distance(query, code);
  out.error = index_.codes().usual_error(query, code, out.distance);
}

bool NodeReader::read(NodeId node, const NodeQuery& query, NodeView& out, std::uint8_t* code) {
  NodeHeader* header = lock_node(node);
  if (header == nullptr) return false;
  const Layout& layout = index_.layout();
  const NodeCodes& codes = index_.codes();
  ++counters_.codes_compared;
  out.header = *header;
  out.header.link_count =
      static_cast<std::uint16_t>(std::min<std::uint32_t>(header->link_count, layout.max_links()));
  std::memcpy(out.links.data(), layout.links(header), out.header.link_count * sizeof(NodeId));
  std::memcpy(out.fused.data(), layout.fused(header), layout.fused_bytes());
  const CodePlace place = find_code(header);
  if (place.near != nullptr) {
    measure(query, place.near, out);
    if (code != nullptr) std::memcpy(code, place.near, codes.code_bytes());
    unlock();
    return true;
  }
  unlock();
  if (!read_far_code(node, place.item)) return false;
  measure(query, far_code_.data(), out);
  if (code != nullptr) std::memcpy(code, far_code_.data(), codes.code_bytes());
  return true;
}

/// The code in vector pages, or the sparse vector in `item`, into far_code_.
bool NodeReader::read_far_code(NodeId node, ItemPointerData item) {
  const std::size_t bytes = index_.codes().code_bytes();
  if (bytes == 0) {
    std::size_t size;
    std::uint8_t* read = read_items_if_there(relation_, item, node, ItemKind::sparse, &size);
    if (read == nullptr) return false;
    guarded([&] { far_code_.assign(read, read + size); });
    pfree(read);
    return true;
  }
  return read_vector_pages(node, bytes);
}

bool NodeReader::read_vector_pages(NodeId node, std::size_t bytes) {
  const Layout& layout = index_.layout();
  guarded([&] { far_code_.resize(bytes); });
  const BlockNumber first = layout.vector_block(node);
  for (std::size_t done = 0; done < bytes; done += kPageBytes) {
    const Page page = lock(first + static_cast<BlockNumber>(done / kPageBytes), PageKind::vector);
    if (page == nullptr) return false;
    std::memcpy(&far_code_[done], layout.vector(page, node), std::min(kPageBytes, bytes - done));
    unlock();
  }
  return true;
}

const std::uint8_t* NodeReader::vector(NodeId node) {
  return read_vector_pages(node, index_.layout().vector_bytes()) ? far_code_.data() : nullptr;
}

bool NodeReader::header(NodeId node, NodeHeader* out) {
  const NodeHeader* header = lock_node(node);
  if (header == nullptr) return false;
  *out = *header;
  unlock();
  return true;
}

float NodeReader::distance(NodeId node, const NodeQuery& query) {
  NodeHeader* header = lock_node(node);
  if (header == nullptr) return FLT_MAX;
  const NodeCodes& codes = index_.codes();
  ++counters_.codes_compared;
  const CodePlace place = find_code(header);
  const float distance = place.near != nullptr ? codes.distance(query, place.near) : FLT_MAX;
  unlock();
  if (place.near != nullptr) return distance;
  return read_far_code(node, place.item) ? codes.distance(query, far_code_.data()) : FLT_MAX;
}

const std::uint8_t* NodeReader::code(NodeId node) {
  NodeHeader* header = lock_node(node);
  if (header == nullptr) return nullptr;
  const CodePlace place = find_code(header);
  if (place.near != nullptr) {
    const std::size_t bytes = index_.codes().code_bytes();
    guarded([&] { far_code_.assign(place.near, place.near + bytes); });
  }
  unlock();
  if (place.near == nullptr && !read_far_code(node, place.item)) return nullptr;
  return far_code_.data();
}

void NodeReader::row_distances(NodeId node, const NodeView& view, const NodeQuery& query,
                               const std::uint8_t* places, std::size_t count, float* out) {
  const Layout& layout = index_.layout();
  const std::size_t per_page = layout.codes_per_page();
  std::array<const std::uint8_t*, kMaxLinks> codes;
  counters_.codes_compared += count;
  for (std::size_t done = 0; done < count;) {
    const std::size_t nth = places[done] / per_page;  // page of the row
    std::size_t n = 1;
    while (done + n < count && places[done + n] / per_page == nth) ++n;
    const Page page = lock(layout.row_block(node) + static_cast<BlockNumber>(nth), PageKind::row);
    if (page == nullptr) {
      std::fill_n(out + done, n, FLT_MAX);
    } else {
      const std::uint8_t* row = layout.row(page, node);
      for (std::size_t i = 0; i < n; ++i) {
        codes[i] = row + places[done + i] % per_page * layout.neighbor_code_bytes();
        prefetch_bytes(codes[i], layout.neighbor_code_bytes());
      }
      index_.neighbor_codes()->estimate(query.prepared, view.distance, codes.data(), n, out + done);
      unlock();
    }
    done += n;
  }
}

std::size_t NodeReader::upper_links(NodeId node, const NodeHeader& header, std::uint32_t level,
                                    NodeId* out) {
  if (!ItemPointerIsValid(&header.upper)) return 0;
  const Page page = lock(ItemPointerGetBlockNumber(&header.upper), PageKind::item);
  if (page == nullptr) return 0;
  const std::size_t m = index_.shape().m;
  std::size_t bytes;
  const std::uint8_t* links =
      item_bytes(page, ItemPointerGetOffsetNumber(&header.upper), node, ItemKind::links, &bytes);
  const std::size_t from = (level - 1) * m * sizeof(NodeId);
  std::size_t count = 0;
  if (links != nullptr && from + m * sizeof(NodeId) <= bytes) {
    std::memcpy(out, links + from, m * sizeof(NodeId));
    while (count < m && out[count] != kNoNode) ++count;
  }
  unlock();
  return count;
}

}  // namespace dvecdb::extension
