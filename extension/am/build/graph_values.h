#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "dvecdb/value_space.h"
#include "extension/am/codes/node_codes.h"

namespace dvecdb::extension {

/// Bits and sparse vectors as a graph in memory takes them: bits are their own bytes; sparse
/// vectors, which have as many as they need, are kept here, and the graph has pointers to them.
///
/// keep() is for one thread at a time, the rest for any number beside it. May throw std::bad_alloc.
class GraphValues final : public core::ValueSpace {
 public:
  explicit GraphValues(const IndexShape& shape);

  std::size_t value_bytes() const override;
  void distances(const std::uint8_t* from, const std::uint8_t* const* to, std::size_t count,
                 float* out) const override;

  /// Appends what the graph takes for a value, value_bytes() of it, to `out`. `stored`: as
  /// stored_bytes() has it.
  void keep(std::span<const std::uint8_t> stored, std::vector<std::uint8_t>& out);

  /// The stored bytes of what the graph has.
  std::span<const std::uint8_t> stored(const std::uint8_t* value) const;

  /// Of what is kept here.
  std::size_t memory_bytes() const { return chunks_.size() * kChunkBytes + large_bytes_; }

 private:
  static constexpr std::size_t kChunkBytes = std::size_t{256} << 10;

  bool is_sparse() const { return element_ == ElementKind::sparse; }
  const std::uint8_t* bytes_of(const std::uint8_t* value) const;
  Value value_of_bytes(const std::uint8_t* value) const;
  std::uint8_t* room_for(std::size_t bytes);

  ElementKind element_;
  std::uint32_t dims_;
  std::unique_ptr<NodeCodes> codes_;
  std::vector<std::unique_ptr<std::uint8_t[]>> chunks_;
  std::vector<std::unique_ptr<std::uint8_t[]>> large_;  // values of more than a chunk's share
  std::size_t large_bytes_ = 0;
  std::size_t used_ = kChunkBytes;  // of the last chunk
};

}  // namespace dvecdb::extension
