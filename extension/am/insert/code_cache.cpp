#include "extension/am/insert/code_cache.h"

#include <cstring>

#include "extension/guard.h"

namespace dvecdb::extension {
namespace {

constexpr std::size_t kFirstEntries = 512;  // a power of two

}  // namespace

std::size_t bytes_of_code(const Index& index, const std::uint8_t* code) {
  if (index.codes().code_bytes() > 0) return index.codes().code_bytes();
  const IndexShape& shape = index.shape();
  return stored_bytes(shape.element, stored_value(shape.element, shape.dims, code));
}

void CodeCache::clear() {
  ++round_;
  used_ = 0;
}

CodeCache::Entry& CodeCache::find(NodeId node) {
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = (node * 0x9e3779b1u) & mask;
  while (entries_[at].round == round_ && entries_[at].node != node) at = (at + 1) & mask;
  return entries_[at];
}

/// Entries of a new table are of round 0, which is none.
void CodeCache::grow() {
  if (2 * used_ < entries_.size()) return;
  std::vector<Entry> before(entries_.empty() ? kFirstEntries : 2 * entries_.size());
  before.swap(entries_);
  for (const Entry& entry : before) {
    if (entry.round == round_) find(entry.node) = entry;
  }
}

void CodeCache::add(NodeId node, const std::uint8_t* code) {
  guarded([&] { grow(); });
  Entry& entry = find(node);
  if (entry.round != round_) ++used_;
  entry = {node, round_, code};
}

const std::uint8_t* CodeCache::code_of(NodeId node) {
  guarded([&] { grow(); });
  const Entry& known = find(node);
  if (known.round == round_) return known.code;
  const std::uint8_t* read = reader_.code(node);
  const std::uint8_t* code = read == nullptr ? nullptr : copy(read);
  add(node, code);
  return code;
}

void CodeCache::prefetch(NodeId node) {
  guarded([&] { grow(); });
  if (find(node).round != round_) reader_.prefetch(node);
}

const std::uint8_t* CodeCache::copy(const std::uint8_t* code) const {
  const std::size_t bytes = bytes_of_code(reader_.index(), code);
  return static_cast<const std::uint8_t*>(std::memcpy(palloc(bytes), code, bytes));
}

}  // namespace dvecdb::extension
