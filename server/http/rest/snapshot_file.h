// The file of a snapshot (docs/formats.md): a header of JSON, blocks of rows, an end, each with its
// checksum. What is damaged, cut short or of another version throws Failure 422.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/http/rest/json.h"

namespace dvecdb::server::http::rest {

// Closes at its end.
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
File open_file(const std::string& path, const char* mode);  // throws Failure; 404: none to read

inline constexpr std::string_view unfinished_suffix = ".new";

// Writes <path>.new; finish() makes it durable and gives it its name. Without finish() nothing is
// left. Throws Failure: 503 when the disk is full, 500 for other errors.
class SnapshotWriter {
 public:
  SnapshotWriter(std::string path, const json::object& header);
  ~SnapshotWriter();
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  void add(std::string_view bytes);
  void finish();

 private:
  void put(std::string_view bytes);
  void put_block();

  std::string path_;
  std::string unfinished_;
  File file_;
  std::string block_;
  std::uint32_t checksums_ = 0;  // of all blocks' checksums
};

// Reads up to so many bytes; fewer at the end alone.
using ByteSource = std::function<std::size_t(char*, std::size_t)>;
ByteSource read_from(File file);
ByteSource read_from(std::string_view bytes);  // borrowed

class SnapshotReader {
 public:
  explicit SnapshotReader(ByteSource source);  // reads the header
  const json::object& header() const { return header_; }
  // The next block's bytes, checked; "" after the last one.
  std::string next();

 private:
  std::string take(std::size_t bytes);
  std::uint32_t take_number();

  ByteSource source_;
  json::object header_;
  std::uint32_t checksums_ = 0;
};

}  // namespace dvecdb::server::http::rest
