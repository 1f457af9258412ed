#include "core/index_file/section_reader.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/index_file/crc32c.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

}  // namespace

SectionReader::SectionReader(const std::string& path, const char* magic, std::uint32_t version)
    : file_(path, File::Mode::read) {
  check_header(magic, version);
  check_places();
}

void SectionReader::check_header(const char* magic, std::uint32_t version) {
  std::array<std::uint8_t, kPageBytes> page;
  if (file_.read_at(page.data(), page.size(), 0) != page.size()) damaged("the file ends early");
  std::memcpy(&header_, page.data(), sizeof header_);
  if (std::memcmp(header_.magic, magic, sizeof header_.magic) != 0) {
    damaged("it is not a file of this kind");
  }
  if (header_.version != version) {
    damaged("version " + std::to_string(header_.version) + " is not known to this release, which " +
            "reads version " + std::to_string(version));
  }
  if (crc32c(&header_, offsetof(SectionHeader, crc)) != header_.crc) damaged("checksum mismatch");
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  if (header_.sections > kMaxSections ||
      !std::all_of(page.begin() + offsetof(SectionHeader, zero), page.end(), is_zero)) {
    damaged("impossible content");
  }
}

void SectionReader::check_places() {
  const std::uint64_t file_bytes = file_.bytes();
  std::uint64_t end = kPageBytes;
  for (std::size_t i = 0; i < header_.sections; ++i) {
    SectionEntry& entry = header_.entries[i];
    entry.name[kSectionNameBytes - 1] = '\0';
    const bool is_sound = entry.offset == next_page(end) && entry.bytes <= file_bytes &&
                          (entry.blocks == 0 || entry.blocks == block_count(entry.bytes));
    if (!is_sound) damaged("impossible content");
    end = entry.offset + entry.bytes;
  }
  end_ = next_page(end);
  if (file_bytes < end_) {
    damaged("the file has " + std::to_string(file_bytes) + " bytes instead of " +
            std::to_string(end_));
  }
}

void SectionReader::damaged(const std::string& what, const char* section) const {
  if (section == nullptr) section = next_ > 0 ? current().name : "header";
  throw CorruptFile("file \"" + file_.path() + "\" is damaged in section \"" + section +
                    "\": " + what + "; rebuild the index");
}

std::uint64_t SectionReader::begin(const char* name) {
  if (next_ == header_.sections || std::strcmp(header_.entries[next_].name, name) != 0) {
    damaged("section \"" + std::string(name) + "\" is missing");
  }
  ++next_;
  position_ = 0;
  crc_ = 0;
  buffer_.clear();
  buffered_from_ = 0;
  return current().bytes;
}

void SectionReader::read(void* out, std::size_t bytes) {
  if (bytes > current().bytes - position_) damaged("it is too short");
  auto* p = static_cast<std::uint8_t*>(out);
  while (bytes > 0) {
    if (buffered_from_ == buffer_.size()) {
      const std::uint64_t left = current().bytes - position_;
      buffer_.resize(std::min<std::uint64_t>(left, kBufferBytes));
      buffered_from_ = 0;
      const std::uint64_t from = current().offset + position_;
      if (file_.read_at(buffer_.data(), buffer_.size(), from) != buffer_.size()) {
        damaged("the file ends early");
      }
      crc_ = crc32c(buffer_.data(), buffer_.size(), crc_);
    }
    const std::size_t length = std::min(bytes, buffer_.size() - buffered_from_);
    std::memcpy(p, buffer_.data() + buffered_from_, length);
    p += length;
    bytes -= length;
    buffered_from_ += length;
    position_ += length;
  }
}

void SectionReader::end() {
  if (position_ != current().bytes) damaged("it is too long");
  if (crc_ != current().crc) damaged("checksum mismatch");
}

std::uint64_t SectionReader::offset_in_place() const {
  if (current().blocks != block_count(current().bytes)) damaged("impossible content");
  return current().offset;
}

void SectionReader::read_checksums() {
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < header_.sections; ++i) expected += header_.entries[i].blocks;
  if (begin(kChecksums) != expected * sizeof(std::uint32_t)) damaged("impossible content");
  checksums_.resize(expected);
  read(checksums_.data(), expected * sizeof(std::uint32_t));
  end();
}

void SectionReader::verify_blocks() {
  const std::size_t position = next_;
  std::vector<std::uint8_t> block(kBlockBytes);
  std::size_t checksum = 0;
  for (next_ = 1; next_ <= header_.sections; ++next_) {
    for (std::uint64_t i = 0; i < current().blocks; ++i) {
      const std::uint64_t from = i * kBlockBytes;
      const std::size_t bytes = std::min<std::uint64_t>(current().bytes - from, kBlockBytes);
      if (file_.read_at(block.data(), bytes, current().offset + from) != bytes) {
        damaged("the file ends early");
      }
      if (crc32c(block.data(), bytes) != checksums_[checksum++]) {
        damaged("checksum mismatch in block " + std::to_string(i));
      }
    }
  }
  next_ = position;
}

}  // namespace dvecdb::core
