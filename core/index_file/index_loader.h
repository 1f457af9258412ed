#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/hnsw/engine.h"
#include "core/index_file/hnsw_format.h"
#include "core/index_file/section_reader.h"

namespace dvecdb::core {

/// Makes an index of a file. Checks all that it reads: everything but records and vectors, which
/// are used in place.
class IndexLoader {
 public:
  /// `vectors_folder`: as in HnswOptions.
  IndexLoader(const std::string& path, std::string vectors_folder);

  /// Once.
  std::unique_ptr<HnswEngine> load();

  /// Reads what load() did not, and checks it as well.
  void verify();

  HnswFileInfo info() const { return info_; }
  File& file() { return file_.file(); }

 private:
  void require(bool holds, const char* section) const;
  void require_length(std::uint64_t bytes, std::uint64_t expected) const;
  void read_parameters();
  void check_parameters(const char* section) const;
  std::unique_ptr<HnswEngine> empty_index() const;
  void read_learned();
  void read_nodes();
  void set_node(std::uint32_t slot, const NodeEntry& entry);
  void read_upper_links();
  std::uint64_t place(const char* section, std::uint64_t bytes_per_slot);
  void apply_changes();
  void apply_part(ReadStream part);
  void read_changed_curve(ReadStream& part);
  void apply_slot(ReadStream& part, const ChangedSlot& changed);
  void read_changed(ReadStream& part, void* out, std::size_t bytes) const;
  void read_changed_links(ReadStream& part, std::uint32_t slot, std::uint32_t level);
  void sort_in(std::uint32_t slot);
  bool leads_on(std::uint32_t link, std::uint32_t level) const;
  void settle_upper_links(std::uint32_t slot);
  void settle_chains();
  void check_lowest_links() const;
  void check_entry() const;

  Graph& graph() const { return index_->graph; }

  SectionReader file_;
  std::string vectors_folder_;
  IndexParameters parameters_;
  HnswFileInfo info_;
  HnswEngine* index_ = nullptr;
  std::vector<std::uint32_t> free_;
};

}  // namespace dvecdb::core
