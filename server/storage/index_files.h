// The file of a vector index: the shared library's index file, with the rows' ids and what the
// index was made for in its metadata.
//
// Metadata, little-endian: "dvindex1", the index's identity (length, bytes), the definition
// (length, bytes), count of nodes, their row ids, count of obsolete nodes, their numbers. Of
// changes that were appended: "dvchange", the count of all nodes, count of nodes with other ids
// than before, their numbers, as many row ids, count of obsolete nodes, their numbers. The
// watermark is the change up to which the file is complete.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "server/storage/vector_index.h"

namespace dvecdb::server::storage {

class IndexFile {
 public:
  // `identity`: of the index, from the change log.
  IndexFile(std::string folder, const VectorIndexDefinition& definition, std::string identity);

  // What has changed since the last call is appended where that can be, or else all is written
  // anew. Durable when it returns. Throws SqlError 58030 or 53100.
  void save(const BuiltGraph& state);
  // Nothing when there is no file, or it is damaged, or belongs to another index: `reason` says
  // which.
  std::optional<BuiltGraph> load(std::string& reason) const;
  // Reads the whole file and compares its checksums, which load() does not. What is damaged;
  // nothing when all is well.
  std::string find_damage() const;
  void remove() const;
  std::int64_t bytes() const;

 private:
  std::string metadata_of(const BuiltGraph& state) const;
  std::string metadata_of_changes(const BuiltGraph& state) const;
  BuiltGraph parse(const std::string& metadata) const;

  std::string path_;
  std::string identity_;
  std::string description_;
  std::set<std::uint64_t> renamed_;  // nodes with other ids than the file says
};

}  // namespace dvecdb::server::storage
