#include "core/index_file/change_file.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "core/index_file/crc32c.h"
#include "core/index_file/section_header.h"

namespace dvecdb::core {
namespace {

constexpr char kMagic[] = "DVECDIFF";

struct ChangeHeader {
  char magic[8];
  std::uint64_t identity;
  std::uint64_t number;
  std::uint64_t bytes;  // of the content, which follows
  std::uint32_t content_crc;
  std::uint32_t crc;  // of all before
};
static_assert(sizeof(ChangeHeader) == 40);

std::uint32_t crc_of(const ChangeHeader& header) {
  return crc32c(&header, offsetof(ChangeHeader, crc));
}

bool matches(ReadStream content, std::uint32_t crc) {
  std::vector<std::uint8_t> block(kBlockBytes);
  while (content.bytes_left() > 0) {
    const std::uint64_t bytes = std::min<std::uint64_t>(content.bytes_left(), block.size());
    if (!content.read(block.data(), bytes)) return false;
  }
  return content.crc() == crc;
}

}  // namespace

ChangeWriter::ChangeWriter(File& file, const ChangePlace& place)
    : file_(file), place_(place), stream_(file, place.offset + sizeof(ChangeHeader)) {
  file_.resize(place_.offset);
}

void ChangeWriter::append(const void* data, std::size_t bytes) {
  crc_ = crc32c(data, bytes, crc_);
  stream_.append(data, bytes);
}

ChangePlace ChangeWriter::finish() {
  stream_.flush();
  ChangeHeader header{};
  std::memcpy(header.magic, kMagic, sizeof header.magic);
  header.identity = place_.identity;
  header.number = place_.number;
  header.bytes = stream_.offset() - place_.offset - sizeof header;
  header.content_crc = crc_;
  header.crc = crc_of(header);
  file_.write_at(&header, sizeof header, place_.offset);
  file_.sync();
  return {place_.identity, place_.number + 1, next_page(stream_.offset())};
}

std::optional<ReadStream> next_changes(const File& file, ChangePlace& place) {
  ChangeHeader header;
  if (file.read_at(&header, sizeof header, place.offset) != sizeof header) return std::nullopt;
  if (std::memcmp(header.magic, kMagic, sizeof header.magic) != 0) return std::nullopt;
  if (header.crc != crc_of(header)) return std::nullopt;
  if (header.identity != place.identity || header.number != place.number) return std::nullopt;
  const std::uint64_t begin = place.offset + sizeof header;
  if (header.bytes > file.bytes() - begin) return std::nullopt;
  const ReadStream content(file, begin, header.bytes);
  if (!matches(content, header.content_crc)) return std::nullopt;
  place = {place.identity, place.number + 1, next_page(begin + header.bytes)};
  return content;
}

}  // namespace dvecdb::core
