#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/hnsw/engine.h"
#include "core/index_file/hnsw_format.h"
#include "core/index_file/section_reader.h"

namespace dvecdb::core {

/// Makes an index of a file. Checks all that it reads; records and vectors are used in place and
/// not read.
class IndexLoader {
 public:
  /// `vectors_folder`: as in HnswOptions.
  IndexLoader(const std::string& path, std::string vectors_folder);

  /// Once.
  std::unique_ptr<HnswEngine> load();

  /// Reads what load() did not, and checks it as well.
  void verify();

  std::uint64_t watermark() const { return parameters_.watermark; }
  const std::string& metadata() const { return metadata_; }

 private:
  void require(bool holds, const char* section) const;
  void require_length(std::uint64_t bytes, std::uint64_t expected) const;
  void read_parameters();
  std::unique_ptr<HnswEngine> empty_index() const;
  void read_learned();
  void read_nodes();
  void read_node(std::uint32_t slot);
  void read_upper_links();
  std::uint64_t place(const char* section, std::uint64_t bytes_per_slot);
  void sort_in(std::uint32_t slot);
  bool leads_on(std::uint32_t link, std::uint32_t level) const;
  void settle_chains();
  void check_lowest_links() const;
  void check_entry() const;

  Graph& graph() const { return index_->graph; }

  SectionReader file_;
  std::string vectors_folder_;
  IndexParameters parameters_;
  std::string metadata_;
  HnswEngine* index_ = nullptr;
  std::uint64_t upper_lists_ = 0;
  std::vector<std::uint32_t> free_;
};

}  // namespace dvecdb::core
