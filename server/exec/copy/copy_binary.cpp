// COPY's binary format: a signature, then per row a field count and length-prefixed fields.
#include <fmt/format.h>

#include "server/exec/copy/copy_format.h"
#include "server/types/binary.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::string_view signature("PGCOPY\n\377\r\n\0", 11);
constexpr std::int32_t max_header_extension = 1 << 20;

[[noreturn]] void refuse(std::string message) {
  throw SqlError(sqlstate::bad_copy_file_format, std::move(message));
}

class BinaryCopyReader : public CopyReader {
 public:
  BinaryCopyReader(std::size_t columns, CopySource source)
      : columns_(columns), buffer_(std::move(source)) {}

  bool next(std::vector<CopyField>& fields) override {
    if (row_number_ == 0) read_header();
    ++row_number_;
    buffer_.skip(row_bytes_);
    row_bytes_ = 0;
    if (!buffer_.ensure(2)) return false;
    const int count = static_cast<std::int16_t>(integer(2));
    if (count == -1) {
      if (buffer_.ensure(row_bytes_ + 1)) refuse("received copy data after EOF marker");
      return false;
    }
    if (count != static_cast<int>(columns_)) {
      refuse(fmt::format("row field count is {}, expected {}", count, columns_));
    }
    read_offsets();
    fields.clear();
    const std::string_view row = buffer_.unread();
    for (const Field& field : offsets_) {
      if (field.length < 0) {
        fields.push_back({true, {}});
      } else {
        fields.push_back({false, row.substr(field.offset, static_cast<std::size_t>(field.length))});
      }
    }
    return true;
  }

  std::int64_t line_number() const override { return row_number_; }
  std::string_view line() const override { return {}; }

 private:
  struct Field {
    std::size_t offset = 0;
    std::int32_t length = 0;
  };

  // Reads a big-endian number of `size` bytes at the row's read position.
  std::uint32_t integer(std::size_t size) {
    if (!buffer_.ensure(row_bytes_ + size)) refuse("unexpected EOF in COPY data");
    std::uint32_t v = 0;
    for (const char c : buffer_.unread().substr(row_bytes_, size)) {
      v = (v << 8) | static_cast<unsigned char>(c);
    }
    row_bytes_ += size;
    return v;
  }

  void read_header() {
    if (!buffer_.ensure(signature.size()) || buffer_.take(signature.size()) != signature) {
      refuse("COPY file signature not recognized");
    }
    if (!buffer_.ensure(4)) refuse("invalid COPY file header (missing flags)");
    const std::uint32_t flags = integer(4);
    if ((flags & (1u << 16)) != 0) refuse("invalid COPY file header (WITH OIDS)");
    if ((flags >> 16) != 0) refuse("unrecognized critical flags in COPY file header");
    if (!buffer_.ensure(row_bytes_ + 4)) refuse("invalid COPY file header (missing length)");
    const auto extension = static_cast<std::int32_t>(integer(4));
    if (extension < 0 || extension > max_header_extension ||
        !buffer_.ensure(row_bytes_ + static_cast<std::size_t>(extension))) {
      refuse("invalid COPY file header (wrong length)");
    }
    row_bytes_ += static_cast<std::size_t>(extension);
  }

  void read_offsets() {
    offsets_.clear();
    for (std::size_t i = 0; i < columns_; ++i) {
      const auto length = static_cast<std::int32_t>(integer(4));
      if (length < -1) refuse("invalid field size");
      offsets_.push_back({row_bytes_, length});
      if (length <= 0) continue;
      if (!buffer_.ensure(row_bytes_ + static_cast<std::size_t>(length))) {
        refuse("unexpected EOF in COPY data");
      }
      row_bytes_ += static_cast<std::size_t>(length);
    }
  }

  std::size_t columns_;
  CopyBuffer buffer_;
  std::size_t row_bytes_ = 0;  // of the current row, from the buffer's position
  std::vector<Field> offsets_;
  std::int64_t row_number_ = 0;
};

class BinaryCopyWriter : public CopyWriter {
 public:
  BinaryCopyWriter(std::span<const ResultColumn> columns, const types::IoContext& io)
      : columns_(columns.begin(), columns.end()), io_(io) {}

  void begin(std::string& out) override {
    out += signature;
    types::append_u32(out, 0);
    types::append_u32(out, 0);
  }
  void row(std::span<const Value> values, std::string& out) override {
    types::append_u16(out, static_cast<std::uint16_t>(values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i].is_null()) {
        types::append_u32(out, 0xffffffffu);
        continue;
      }
      scratch_.clear();
      types::send_binary(io_, columns_[i].type, values[i], scratch_);
      types::append_u32(out, static_cast<std::uint32_t>(scratch_.size()));
      out += scratch_;
    }
  }
  void end(std::string& out) override { types::append_u16(out, 0xffff); }

 private:
  std::vector<ResultColumn> columns_;
  const types::IoContext& io_;
  std::string scratch_;
};

}  // namespace

std::unique_ptr<CopyReader> make_copy_binary_reader(std::size_t columns, CopySource source) {
  return std::make_unique<BinaryCopyReader>(columns, std::move(source));
}

std::unique_ptr<CopyWriter> make_copy_binary_writer(std::span<const ResultColumn> columns,
                                                    const types::IoContext& io) {
  return std::make_unique<BinaryCopyWriter>(columns, io);
}

}  // namespace dvecdb::server::exec
