#include "core/index_file/streams.h"

#include <algorithm>
#include <cstring>

#include "core/index_file/crc32c.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

}  // namespace

bool ReadStream::read(void* out, std::size_t bytes) {
  if (bytes > bytes_left()) return false;
  auto* p = static_cast<std::uint8_t*>(out);
  while (bytes > 0) {
    if (buffered_from_ == buffer_.size()) {
      buffer_.resize(std::min<std::uint64_t>(bytes_left(), kBufferBytes));
      buffered_from_ = 0;
      const std::size_t got = file_->read_at(buffer_.data(), buffer_.size(), offset_ + position_);
      if (got != buffer_.size()) return false;
      crc_ = crc32c(buffer_.data(), got, crc_);
    }
    const std::size_t length = std::min(bytes, buffer_.size() - buffered_from_);
    std::memcpy(p, buffer_.data() + buffered_from_, length);
    p += length;
    bytes -= length;
    buffered_from_ += length;
    position_ += length;
  }
  return true;
}

void WriteStream::append(const void* data, std::size_t bytes) {
  const bool is_large = bytes > kBufferBytes / 2;
  if (is_large || buffer_.size() + bytes > kBufferBytes) flush();
  if (is_large) {
    file_.write_at(data, bytes, offset_);
    offset_ += bytes;
    return;
  }
  const auto* p = static_cast<const std::uint8_t*>(data);
  buffer_.insert(buffer_.end(), p, p + bytes);
}

void WriteStream::flush() {
  file_.write_at(buffer_.data(), buffer_.size(), offset_);
  offset_ += buffer_.size();
  buffer_.clear();
}

void WriteStream::fill_to(std::uint64_t offset) {
  buffer_.resize(buffer_.size() + (offset - this->offset()), 0);
}

}  // namespace dvecdb::core
