#include "core/index_file/section_reader.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/index_file/crc32c.h"

namespace dvecdb::core {

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
  stream_ = ReadStream(file_, current().offset, current().bytes);
  return current().bytes;
}

void SectionReader::read(void* out, std::size_t bytes) {
  if (!stream_.read(out, bytes)) damaged("it is too short");
}

void SectionReader::end() {
  if (stream_.bytes_left() > 0) damaged("it is too long");
  if (stream_.crc() != current().crc) damaged("checksum mismatch");
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
