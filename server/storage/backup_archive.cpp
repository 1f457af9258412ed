#include "server/storage/backup_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

#include "server/types/error.h"

namespace dvecdb::server::storage {

using types::SqlError;

namespace {

constexpr std::size_t block_bytes = 512;
constexpr std::size_t end_bytes = 2 * block_bytes;
constexpr std::size_t name_bytes = 100;
constexpr std::size_t size_at = 124;
constexpr std::size_t size_digits = 11;
constexpr std::size_t checksum_at = 148;
constexpr std::uint64_t most_octal = (std::uint64_t{1} << 33) - 1;
constexpr std::uint64_t most_bytes = std::uint64_t{1} << 60;
constexpr std::uint64_t most_manifest_bytes = 16 << 20;
constexpr std::string_view manifest_name = "MANIFEST";
constexpr std::string_view first_line = "dvecdb backup 1";

[[noreturn]] void refuse(const std::string& what) {
  throw SqlError(types::sqlstate::data_corrupted, "the backup is not usable: " + what)
      .hint("Use another backup. One that was copied should be copied again.");
}

std::size_t padding_after(std::uint64_t bytes) {
  return static_cast<std::size_t>((block_bytes - bytes % block_bytes) % block_bytes);
}

void put(std::string& block, std::size_t at, std::string_view text) {
  block.replace(at, text.size(), text);
}

// Octal digits, or above 8 GiB a big-endian number after a byte 0x80, as GNU tar does.
std::string size_field(std::uint64_t bytes) {
  if (bytes <= most_octal) return fmt::format("{:011o}", bytes) + '\0';
  std::string field(12, '\0');
  field[0] = static_cast<char>(0x80);
  for (std::size_t i = 0; i < 8; ++i) field[11 - i] = static_cast<char>(bytes >> (8 * i));
  return field;
}

std::uint64_t parse_size(std::string_view field) {
  std::uint64_t bytes = 0;
  if (field[0] == static_cast<char>(0x80)) {
    for (const char c : field.substr(4)) bytes = bytes << 8 | static_cast<unsigned char>(c);
    return bytes;
  }
  std::from_chars(field.data(), field.data() + size_digits, bytes, 8);
  return bytes;
}

std::string header_of(std::string_view name, std::uint64_t bytes) {
  std::string block(block_bytes, '\0');
  put(block, 0, name);
  put(block, 100, "0000600");  // mode
  put(block, 108, "0000000");  // owner
  put(block, 116, "0000000");  // group
  put(block, size_at, size_field(bytes));
  put(block, 136, "00000000000");  // time
  put(block, checksum_at, "        ");
  block[156] = '0';  // a plain file
  put(block, 257, std::string_view("ustar\00000", 8));
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put(block, checksum_at, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  return block;
}

// An oid, without leading zeros.
bool is_oid(std::string_view text) {
  std::uint32_t oid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), oid);
  return error == std::errc() && end == text.data() + text.size() && text.front() != '0';
}

// base/<oid>/rows.db or base/<oid>/index/<oid>.hnsw
bool is_database_file(std::string_view name) {
  constexpr std::string_view base = "base/";
  constexpr std::string_view rows = "rows.db";
  constexpr std::string_view index = "index/";
  constexpr std::string_view suffix = ".hnsw";
  if (!name.starts_with(base)) return false;
  name.remove_prefix(base.size());
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || slash == 0 || !is_oid(name.substr(0, slash))) return false;
  name.remove_prefix(slash + 1);
  if (name == rows) return true;
  if (!name.starts_with(index) || !name.ends_with(suffix)) return false;
  name.remove_prefix(index.size());
  if (name.size() <= suffix.size()) return false;
  return is_oid(name.substr(0, name.size() - suffix.size()));
}

bool is_known_name(std::string_view name) {
  return name == "format" || name == "global.db" || name == manifest_name || is_database_file(name);
}

std::string text_of(const BackupManifest& manifest) {
  std::string text = fmt::format("{}\ncreated {}\n", first_line, manifest.created);
  for (const ArchivedFile& file : manifest.files) {
    text += fmt::format("file {} {} {}\n", file.sha256, file.bytes, file.name);
  }
  text += fmt::format("archive {}\n", manifest.archive_sha256);
  Sha256 hash;
  hash.add(text);
  return text + fmt::format("manifest {}\n", hash.hex());
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

// What differs, in words: `stated` is the manifest that came, `seen` the one of what came.
std::string difference(std::string_view stated, std::string_view seen) {
  while (!seen.empty()) {
    const std::string_view expected = take_line(seen);
    const std::string_view found = take_line(stated);
    if (found == expected) continue;
    if (expected.starts_with("file ")) {
      return fmt::format("the checksum of \"{}\" does not match",
                         expected.substr(expected.rfind(' ') + 1));
    }
    return fmt::format("its manifest does not fit at the line \"{}\"", expected.substr(0, 20));
  }
  return "its manifest goes on where it should end";
}

}  // namespace

ArchiveWriter::ArchiveWriter(std::string created) {
  manifest_.created = std::move(created);
}

std::string ArchiveWriter::passed(std::string bytes) {
  archive_hash_.add(bytes);
  return bytes;
}

std::string ArchiveWriter::begin(std::string name, std::uint64_t bytes) {
  file_hash_ = Sha256();
  std::string header = header_of(name, bytes);
  manifest_.files.push_back({std::move(name), bytes, ""});
  return passed(std::move(header));
}

std::string ArchiveWriter::add(std::string bytes) {
  file_hash_.add(bytes);
  return passed(std::move(bytes));
}

std::string ArchiveWriter::end() {
  ArchivedFile& file = manifest_.files.back();
  file.sha256 = file_hash_.hex();
  return passed(std::string(padding_after(file.bytes), '\0'));
}

std::string ArchiveWriter::finish() {
  manifest_.archive_sha256 = archive_hash_.hex();
  const std::string text = text_of(manifest_);
  return header_of(manifest_name, text.size()) + text +
         std::string(padding_after(text.size()) + end_bytes, '\0');
}

// `size` bytes that belong together, once they are all there; "" before.
std::string_view ArchiveReader::take_whole(std::string_view& bytes, std::size_t size) {
  const std::size_t taken = std::min(bytes.size(), size - pending_.size());
  pending_.append(bytes.substr(0, taken));
  bytes.remove_prefix(taken);
  return pending_.size() < size ? std::string_view() : std::string_view(pending_);
}

void ArchiveReader::push(std::string_view bytes) {
  const std::uint64_t start = position_;
  position_ += bytes.size();
  while (!bytes.empty()) {
    if (part_ == Part::file) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
      read_file(bytes.substr(0, size));
      bytes.remove_prefix(size);
      if (left_ == 0) end_file();
      continue;
    }
    if (part_ == Part::end && pending_.size() == end_bytes) {
      refuse(fmt::format("something follows its end, at byte {}", start));
    }
    const std::size_t wanted = part_ == Part::header    ? block_bytes
                               : part_ == Part::padding ? static_cast<std::size_t>(left_)
                                                        : end_bytes;
    const std::string_view whole = take_whole(bytes, wanted);
    if (whole.empty()) return;
    if (part_ == Part::header) {
      read_header(whole);
      pending_.clear();
      continue;
    }
    if (whole.find_first_not_of('\0') != std::string_view::npos) {
      refuse(fmt::format("bytes that should be zero are not, before byte {}", position_));
    }
    if (part_ == Part::end) continue;  // what was read stays: nothing may follow it
    if (!has_manifest_) archive_hash_.add(whole);
    part_ = has_manifest_ ? Part::end : Part::header;
    pending_.clear();
  }
}

void ArchiveReader::read_header(std::string_view block) {
  const std::string name(block.substr(0, std::min(block.find('\0'), name_bytes)));
  const bool is_first = manifest_.files.empty();
  if (is_first && name != "format") refuse("it does not begin as a backup of dvecdb does");
  const std::uint64_t bytes = parse_size(block.substr(size_at, 12));
  const bool is_known =
      is_known_name(name) && bytes <= most_bytes && header_of(name, bytes) == block;
  if (!is_known) refuse(fmt::format("damaged header of a file, before byte {}", position_));
  if (!names_.insert(name).second) refuse(fmt::format("\"{}\" comes twice", name));
  has_manifest_ = name == manifest_name;
  if (has_manifest_ && bytes > most_manifest_bytes) refuse("its manifest is too long");
  name_ = name;
  left_ = bytes;
  part_ = Part::file;
  if (!has_manifest_) {
    archive_hash_.add(block);
    file_hash_ = Sha256();
    manifest_.files.push_back({name, bytes, ""});
    if (content_ != nullptr) content_->begin(name, bytes);
  }
  if (left_ == 0) end_file();
}

void ArchiveReader::read_file(std::string_view bytes) {
  left_ -= bytes.size();
  if (has_manifest_) {
    manifest_text_.append(bytes);
    return;
  }
  archive_hash_.add(bytes);
  file_hash_.add(bytes);
  if (content_ != nullptr) content_->add(bytes);
}

void ArchiveReader::end_file() {
  std::uint64_t bytes = manifest_text_.size();
  if (has_manifest_) {
    check_manifest();
  } else {
    manifest_.files.back().sha256 = file_hash_.hex();
    bytes = manifest_.files.back().bytes;
    if (content_ != nullptr) content_->end();
  }
  left_ = padding_after(bytes);
  part_ = left_ > 0 ? Part::padding : has_manifest_ ? Part::end : Part::header;
}

void ArchiveReader::check_manifest() {
  std::string_view rest = manifest_text_;
  const std::string_view first = take_line(rest);
  if (first != first_line) {
    refuse(
        first.starts_with("dvecdb backup ") && first.size() < 30
            ? fmt::format("it is of the form \"{}\", this release reads \"{}\"", first, first_line)
            : "it has no manifest where that should be");
  }
  constexpr std::string_view created = "created ";
  const std::string_view second = take_line(rest);
  constexpr std::size_t time_bytes = 20;
  if (!second.starts_with(created) || second.size() != created.size() + time_bytes) {
    refuse("its manifest does not say when it was made");
  }
  manifest_.created = second.substr(created.size());
  manifest_.archive_sha256 = archive_hash_.hex();
  const std::string seen = text_of(manifest_);
  if (seen != manifest_text_) refuse(difference(manifest_text_, seen));
}

const BackupManifest& ArchiveReader::finish() const {
  if (part_ != Part::end || pending_.size() != end_bytes) {
    refuse(fmt::format("it is cut short, after {} bytes", position_));
  }
  if (names_.count("global.db") == 0) refuse("global.db is missing");
  return manifest_;
}

}  // namespace dvecdb::server::storage
