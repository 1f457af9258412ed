#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/hnsw/engine.h"
#include "core/index_file/change_file.h"
#include "core/index_file/section_writer.h"

namespace dvecdb::core {

/// Writes what makes an index into a file of sections. While nobody changes the index.
void write_index(SectionWriter& file, const HnswEngine& index, const HnswFileInfo& info);

/// What has changed in an index since its marks were cleared. While nobody changes the index.
class ChangedSlots {
 public:
  explicit ChangedSlots(const HnswEngine& index);

  /// How many bytes write() writes, about.
  std::uint64_t bytes() const { return bytes_; }
  void write(ChangeWriter& file, const HnswFileInfo& info) const;

  void clear_marks() const;
  /// For when saving fails; at any time.
  void mark_again() const;

 private:
  struct Changed {
    std::uint32_t slot;
    std::uint8_t marks;
  };
  void write_slot(ChangeWriter& file, const Changed& changed) const;

  const HnswEngine& index_;
  const Graph& graph_;
  std::vector<Changed> changed_;
  std::uint64_t bytes_ = 0;
};

}  // namespace dvecdb::core
