#include "core/index_file/section_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/index_file/crc32c.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kNameBytes = 16;
constexpr std::size_t kMaxSections = 64;
constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

struct SectionEntry {
  char name[kNameBytes];
  std::uint64_t offset;
  std::uint64_t bytes;
  std::uint32_t crc;
  std::uint32_t reserved;
};
static_assert(sizeof(SectionEntry) == 40);

struct Header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t sections;
  std::array<SectionEntry, kMaxSections> entries;
  std::uint32_t crc;  // of all before
};
static_assert(sizeof(Header) <= kPage);

std::uint32_t header_crc(const Header& header) {
  return crc32c(&header, offsetof(Header, crc));
}

std::uint64_t next_page(std::uint64_t offset) {
  return (offset + kPage - 1) / kPage * kPage;
}

std::string reason() {
  return std::strerror(errno);
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

SectionWriter::SectionWriter(std::string path, const char* magic, std::uint32_t version)
    : path_(std::move(path)),
      temporary_(path_ + ".new"),
      magic_(magic),
      version_(version),
      offset_(kPage) {
  file_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file_ < 0) fail("create");
  buffer_.reserve(kBufferBytes);
}

SectionWriter::~SectionWriter() {
  if (file_ < 0) return;
  close(file_);
  unlink(temporary_.c_str());
}

void SectionWriter::fail(const char* what) const {
  throw FileError("could not " + std::string(what) + " file \"" + temporary_ + "\": " + reason());
}

void SectionWriter::write_at(const void* data, std::size_t bytes, std::uint64_t offset) {
  const auto* p = static_cast<const std::uint8_t*>(data);
  while (bytes > 0) {
    const ssize_t written = pwrite(file_, p, bytes, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("write");
    p += written;
    offset += static_cast<std::uint64_t>(written);
    bytes -= static_cast<std::size_t>(written);
  }
}

void SectionWriter::flush() {
  write_at(buffer_.data(), buffer_.size(), offset_);
  offset_ += buffer_.size();
  buffer_.clear();
}

void SectionWriter::begin(const char* name) {
  flush();
  offset_ = next_page(offset_);
  sections_.push_back({name, offset_, 0, 0});
}

void SectionWriter::append(const void* data, std::size_t bytes) {
  Section& section = sections_.back();
  section.crc = crc32c(data, bytes, section.crc);
  section.bytes += bytes;
  if (buffer_.size() + bytes > kBufferBytes) flush();
  if (bytes > kBufferBytes / 2) {
    write_at(data, bytes, offset_);
    offset_ += bytes;
  } else {
    const auto* p = static_cast<const std::uint8_t*>(data);
    buffer_.insert(buffer_.end(), p, p + bytes);
  }
}

void SectionWriter::commit() {
  flush();
  std::array<std::uint8_t, kPage> page{};
  Header header{};
  std::memcpy(header.magic, magic_.data(), sizeof header.magic);
  header.version = version_;
  header.sections = static_cast<std::uint32_t>(sections_.size());
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    SectionEntry& entry = header.entries[i];
    sections_[i].name.copy(entry.name, kNameBytes - 1);
    entry.offset = sections_[i].offset;
    entry.bytes = sections_[i].bytes;
    entry.crc = sections_[i].crc;
  }
  header.crc = header_crc(header);
  std::memcpy(page.data(), &header, sizeof header);
  write_at(page.data(), page.size(), 0);
  if (ftruncate(file_, static_cast<off_t>(offset_)) != 0) fail("write");
  if (fsync(file_) != 0) fail("make durable");
  if (rename(temporary_.c_str(), path_.c_str()) != 0) fail("rename");
  close(file_);
  file_ = -1;
  const int directory = open(directory_of(path_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) fail("open the directory of");
  const int failed = fsync(directory);
  close(directory);
  if (failed != 0) fail("make the directory durable of");
}

SectionReader::SectionReader(std::string path, const char* magic, std::uint32_t version)
    : path_(std::move(path)) {
  file_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0) throw FileError("could not open file \"" + path_ + "\": " + reason());
  try {
    sections_.push_back({"header", 0, kPage, 0});
    next_ = 1;
    std::array<std::uint8_t, kPage> page;
    read(page.data(), page.size());
    Header header;
    std::memcpy(&header, page.data(), sizeof header);
    if (std::memcmp(header.magic, magic, sizeof header.magic) != 0) {
      damaged("it is not a file of this kind");
    }
    if (header_crc(header) != header.crc) damaged("checksum mismatch");
    if (header.version != version) {
      damaged("version " + std::to_string(header.version) + " is not known to this release");
    }
    const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
    if (header.sections > kMaxSections ||
        !std::all_of(page.begin() + sizeof header, page.end(), is_zero)) {
      damaged("impossible content");
    }
    struct stat status;
    if (fstat(file_, &status) != 0)
      throw FileError("could not stat file \"" + path_ + "\": " + reason());
    std::uint64_t expected = kPage;
    std::vector<Section> sections;
    for (std::size_t i = 0; i < header.sections; ++i) {
      SectionEntry& entry = header.entries[i];
      entry.name[kNameBytes - 1] = '\0';
      if (entry.offset != next_page(expected)) damaged("impossible content");
      expected = entry.offset + entry.bytes;
      sections.push_back({entry.name, entry.offset, entry.bytes, entry.crc});
    }
    if (static_cast<std::uint64_t>(status.st_size) != expected) {
      damaged("the file has " + std::to_string(status.st_size) + " bytes instead of " +
              std::to_string(expected));
    }
    sections_ = std::move(sections);
    next_ = 0;
  } catch (...) {
    close(file_);
    throw;
  }
}

SectionReader::~SectionReader() {
  close(file_);
}

void SectionReader::damaged(const std::string& what) const {
  const std::string section = next_ > 0 ? sections_[next_ - 1].name : "header";
  throw CorruptFile("file \"" + path_ + "\" is damaged in section \"" + section + "\": " + what +
                    "; rebuild the index");
}

std::uint64_t SectionReader::begin(const char* name) {
  if (next_ == sections_.size() || sections_[next_].name != name) {
    damaged("section \"" + std::string(name) + "\" is missing");
  }
  ++next_;
  position_ = 0;
  crc_ = 0;
  return sections_[next_ - 1].bytes;
}

void SectionReader::read(void* out, std::size_t bytes) {
  const Section& section = sections_[next_ - 1];
  if (bytes > section.bytes - position_) damaged("it is too short");
  auto* p = static_cast<std::uint8_t*>(out);
  std::size_t left = bytes;
  while (left > 0) {
    const ssize_t got = pread(file_, p, left, static_cast<off_t>(section.offset + position_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw FileError("could not read file \"" + path_ + "\": " + reason());
    if (got == 0) damaged("the file ends early");
    p += got;
    position_ += static_cast<std::uint64_t>(got);
    left -= static_cast<std::size_t>(got);
  }
  crc_ = crc32c(out, bytes, crc_);
}

void SectionReader::end() {
  const Section& section = sections_[next_ - 1];
  if (position_ != section.bytes) damaged("it is too long");
  if (crc_ != section.crc) damaged("checksum mismatch");
}

}  // namespace dvecdb::core
