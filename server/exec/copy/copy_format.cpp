#include "server/exec/copy/copy_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

bool CopyBuffer::fill() {
  if (at_end_) return false;
  if (position_ > 0) {
    data_.erase(0, position_);
    position_ = 0;
  }
  const std::optional<std::string_view> piece = source_();
  if (!piece) {
    at_end_ = true;
    return false;
  }
  data_.append(*piece);
  return true;
}

void CopyBuffer::drain() {
  do {
    position_ = data_.size();
  } while (fill());
}

std::unique_ptr<CopyReader> make_copy_reader(const CopyOptions& options,
                                             std::vector<std::string> names, CopySource source) {
  switch (options.format) {
    case CopyFormat::csv:
      return make_copy_csv_reader(options, std::move(names), std::move(source));
    case CopyFormat::binary:
      return make_copy_binary_reader(names.size(), std::move(source));
    case CopyFormat::text:
      break;
  }
  return make_copy_text_reader(options, std::move(names), std::move(source));
}

std::unique_ptr<CopyWriter> make_copy_writer(const CopyOptions& options,
                                             std::span<const ResultColumn> columns,
                                             const types::IoContext& io) {
  switch (options.format) {
    case CopyFormat::csv:
      return make_copy_csv_writer(options, columns, io);
    case CopyFormat::binary:
      return make_copy_binary_writer(columns, io);
    case CopyFormat::text:
      break;
  }
  return make_copy_text_writer(options, columns, io);
}

namespace {

// Length of the UTF-8 sequence at the start of `bytes`, 0 when it is none.
std::size_t utf8_length(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const auto continues = [&](std::size_t count) {
    if (bytes.size() <= count) return false;
    for (std::size_t i = 1; i <= count; ++i) {
      if ((byte(i) & 0xc0) != 0x80) return false;
    }
    return true;
  };
  const unsigned char first = byte(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  if (first >= 0xc2 && first <= 0xdf) return continues(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!continues(2)) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) > 0x9f) return 0;
    return 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!continues(3)) return 0;
    if (first == 0xf0 && byte(1) < 0x90) return 0;
    if (first == 0xf4 && byte(1) > 0x8f) return 0;
    return 4;
  }
  return 0;
}

// How many bytes the first byte of a sequence announces.
std::size_t announced_length(unsigned char first) {
  if (first >= 0xf0 && first < 0xf8) return 4;
  if (first >= 0xe0 && first < 0xf0) return 3;
  if (first >= 0xc0 && first < 0xe0) return 2;
  return 1;
}

}  // namespace

void check_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    if (length == 0) {
      std::string shown;
      const std::size_t count =
          std::min(bytes.size(), announced_length(static_cast<unsigned char>(bytes[0])));
      for (std::size_t i = 0; i < count; ++i) {
        shown += fmt::format("{}0x{:02x}", i == 0 ? "" : " ", static_cast<unsigned char>(bytes[i]));
      }
      throw SqlError(sqlstate::character_not_in_repertoire,
                     "invalid byte sequence for encoding \"UTF8\": " + shown);
    }
    bytes.remove_prefix(length);
  }
}

void check_copy_header(const std::vector<std::string>& names,
                       const std::vector<CopyField>& fields) {
  if (fields.size() != names.size()) {
    throw SqlError(sqlstate::bad_copy_file_format,
                   fmt::format("wrong number of fields in header line: got {}, expected {}",
                               fields.size(), names.size()));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (fields[i].is_null) {
      throw SqlError(
          sqlstate::bad_copy_file_format,
          fmt::format("column name mismatch in header line field {}: got null value (\"{}\"), "
                      "expected \"{}\"",
                      i + 1, "\\N", names[i]));
    }
    if (fields[i].bytes != names[i]) {
      throw SqlError(sqlstate::bad_copy_file_format,
                     fmt::format("column name mismatch in header line field {}: got \"{}\", "
                                 "expected \"{}\"",
                                 i + 1, fields[i].bytes, names[i]));
    }
  }
}

}  // namespace dvecdb::server::exec
