#include "core/index_file/section_writer.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "core/index_file/crc32c.h"

namespace dvecdb::core {
namespace {

std::uint64_t random_number() {
  std::random_device random;
  return std::uint64_t{random()} << 32 | random();
}

}  // namespace

SectionWriter::SectionWriter(std::string path, const char* magic, std::uint32_t version)
    : path_(std::move(path)),
      magic_(magic),
      version_(version),
      identity_(random_number()),
      file_(path_ + ".new", File::Mode::create),
      stream_(file_, kPageBytes) {}

SectionWriter::~SectionWriter() {
  if (!is_committed_) unlink((path_ + ".new").c_str());
}

void SectionWriter::begin(const char* name, Checked checked) {
  stream_.fill_to(next_page(stream_.offset()));
  sections_.push_back({name, stream_.offset(), 0, 0, {}, checked == Checked::blocks});
}

void SectionWriter::append(const void* data, std::size_t bytes) {
  add_to_checksum(data, bytes);
  stream_.append(data, bytes);
}

void SectionWriter::add_to_checksum(const void* data, std::size_t bytes) {
  Section& section = sections_.back();
  if (!section.has_blocks) {
    section.crc = crc32c(data, bytes, section.crc);
    section.bytes += bytes;
    return;
  }
  const auto* p = static_cast<const std::uint8_t*>(data);
  while (bytes > 0) {
    const std::size_t place = section.bytes % kBlockBytes;
    if (place == 0) section.blocks.push_back(0);
    const std::size_t length = std::min(bytes, kBlockBytes - place);
    section.blocks.back() = crc32c(p, length, section.blocks.back());
    section.bytes += length;
    p += length;
    bytes -= length;
  }
}

void SectionWriter::write_checksums() {
  begin(kChecksums);
  for (std::size_t i = 0; i + 1 < sections_.size(); ++i) {
    const std::vector<std::uint32_t> blocks = std::move(sections_[i].blocks);
    append(blocks.data(), blocks.size() * sizeof(std::uint32_t));
  }
}

std::uint64_t SectionWriter::offset_of(const std::string& name) const {
  const auto has_name = [&](const Section& section) { return section.name == name; };
  return std::find_if(sections_.begin(), sections_.end(), has_name)->offset;
}

File SectionWriter::commit() {
  write_checksums();
  stream_.fill_to(next_page(stream_.offset()));
  stream_.flush();
  SectionHeader header{};
  std::memcpy(header.magic, magic_.data(), sizeof header.magic);
  header.version = version_;
  header.sections = static_cast<std::uint32_t>(sections_.size());
  header.identity = identity_;
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    const Section& section = sections_[i];
    SectionEntry& entry = header.entries[i];
    section.name.copy(entry.name, kSectionNameBytes - 1);
    entry.offset = section.offset;
    entry.bytes = section.bytes;
    entry.crc = section.crc;
    if (section.has_blocks) entry.blocks = static_cast<std::uint32_t>(block_count(section.bytes));
  }
  header.crc = crc32c(&header, offsetof(SectionHeader, crc));
  file_.write_at(&header, sizeof header, 0);
  file_.sync();
  file_.rename_to(path_);
  is_committed_ = true;
  sync_folder_of(path_);
  return std::move(file_);
}

}  // namespace dvecdb::core
