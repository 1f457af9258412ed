#include "extension/am/vacuum/code_table.h"

#include <algorithm>
#include <cstring>

#include "extension/am/insert/code_cache.h"

extern "C" {
#include <miscadmin.h>
}

namespace dvecdb::extension {
namespace {

/// As many codes as half of maintenance_work_mem has room for.
NodeId room_for(std::size_t code_bytes, NodeId count) {
  const std::size_t bytes = static_cast<std::size_t>(maintenance_work_mem) * 1024 / 2;
  return static_cast<NodeId>(std::min<std::size_t>(count, bytes / code_bytes));
}

}  // namespace

CodeTable::CodeTable(const Index& index, NodeId count)
    : index_(&index),
      read_(AllocSetContextCreate(CurrentMemoryContext, "hnsw codes", ALLOCSET_DEFAULT_SIZES)),
      bytes_(index.codes().code_bytes()) {
  if (bytes_ == 0 || !index.layout().code_in_node()) return;
  const NodeId room = room_for(bytes_, count);
  kept_ = NodeSet(room);
  codes_ =
      static_cast<std::uint8_t*>(MemoryContextAllocHuge(CurrentMemoryContext, room * bytes_ + 1));
}

void CodeTable::put(NodeId node, NodeHeader* header) {
  if (node >= kept_.count()) return;
  kept_.add(node);
  std::memcpy(codes_ + node * bytes_, index_->layout().code(header), bytes_);
}

const std::uint8_t* CodeTable::code(NodeReader& reader, NodeId node) {
  if (kept_.has(node)) return codes_ + node * bytes_;
  const std::uint8_t* code = reader.code(node);
  if (code == nullptr) return nullptr;
  const std::size_t size = code_size(code);
  return static_cast<const std::uint8_t*>(std::memcpy(MemoryContextAlloc(read_, size), code, size));
}

std::size_t CodeTable::code_size(const std::uint8_t* code) const {
  return bytes_of_code(*index_, code);
}

void CodeTable::prefetch(NodeId node) const {
  constexpr std::size_t kLine = 64;
  if (!kept_.has(node)) return;
  for (std::size_t i = 0; i < bytes_; i += kLine) __builtin_prefetch(codes_ + node * bytes_ + i);
}

}  // namespace dvecdb::extension
