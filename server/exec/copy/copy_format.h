// What COPY's options say, and the pieces that its readers and writers share.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/exec/session.h"

namespace dvecdb::server::exec {

enum class CopyHeader : std::uint8_t { none, present, match };

struct CopyOptions {
  CopyFormat format = CopyFormat::text;
  char delimiter = '\t';
  std::string null_text = "\\N";
  CopyHeader header = CopyHeader::none;
  char quote = '"';
  char escape = '"';
  // One flag per copied column; empty: none.
  std::vector<bool> force_quote;
  std::vector<bool> force_not_null;
  std::vector<bool> force_null;
};

struct CopyField {
  bool is_null = false;
  std::string_view bytes;  // valid until the next row
};

// The next piece of the client's data; nullopt at its end.
using CopySource = std::function<std::optional<std::string_view>()>;

// The rows of COPY FROM's data. Throws SqlError for what is no row.
class CopyReader {
 public:
  virtual ~CopyReader() = default;
  // False at the end of the data. `names` of the columns are for messages and for HEADER MATCH.
  virtual bool next(std::vector<CopyField>& fields) = 0;
  virtual std::int64_t line_number() const = 0;
  // The row's text for an error's context; empty in binary format.
  virtual std::string_view line() const = 0;
};

std::unique_ptr<CopyReader> make_copy_reader(const CopyOptions& options,
                                             std::vector<std::string> names, CopySource source);

// The bytes of COPY TO, appended to `out` piece by piece.
class CopyWriter {
 public:
  virtual ~CopyWriter() = default;
  virtual void begin(std::string& out) = 0;
  virtual void row(std::span<const Value> values, std::string& out) = 0;
  virtual void end(std::string& out) = 0;
};

std::unique_ptr<CopyWriter> make_copy_writer(const CopyOptions& options,
                                             std::span<const ResultColumn> columns,
                                             const types::IoContext& io);

// Client data as a stream of bytes with look-ahead.
class CopyBuffer {
 public:
  explicit CopyBuffer(CopySource source) : source_(std::move(source)) {}

  // True when `count` bytes are there from the position; reads more when they are not.
  bool ensure(std::size_t count) {
    while (data_.size() - position_ < count) {
      if (!fill()) return false;
    }
    return true;
  }
  // Appends the source's next piece; false at its end. Moves what is left to the front.
  bool fill();
  std::string_view unread() const { return std::string_view(data_).substr(position_); }
  void skip(std::size_t count) { position_ += count; }
  std::string_view take(std::size_t count) {
    const std::string_view bytes = std::string_view(data_).substr(position_, count);
    position_ += count;
    return bytes;
  }
  // Reads and drops what the client still sends.
  void drain();

 private:
  CopySource source_;
  std::string data_;
  std::size_t position_ = 0;
  bool at_end_ = false;
};

std::unique_ptr<CopyReader> make_copy_text_reader(const CopyOptions& options,
                                                  std::vector<std::string> names,
                                                  CopySource source);
std::unique_ptr<CopyReader> make_copy_csv_reader(const CopyOptions& options,
                                                 std::vector<std::string> names, CopySource source);
std::unique_ptr<CopyReader> make_copy_binary_reader(std::size_t columns, CopySource source);
std::unique_ptr<CopyWriter> make_copy_text_writer(const CopyOptions& options,
                                                  std::span<const ResultColumn> columns,
                                                  const types::IoContext& io);
std::unique_ptr<CopyWriter> make_copy_csv_writer(const CopyOptions& options,
                                                 std::span<const ResultColumn> columns,
                                                 const types::IoContext& io);
std::unique_ptr<CopyWriter> make_copy_binary_writer(std::span<const ResultColumn> columns,
                                                    const types::IoContext& io);

// Throws 22021 unless `bytes` are UTF-8 without NUL.
void check_utf8(std::string_view bytes);

// Throws 22P04 when a header line does not name the columns (HEADER MATCH).
void check_copy_header(const std::vector<std::string>& names, const std::vector<CopyField>& fields);

}  // namespace dvecdb::server::exec
