#include "server/http/rest/snapshot_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/crc.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "server/http/rest/failure.h"

namespace dvecdb::server::http::rest {

namespace {

constexpr std::string_view magic = "DVECSNAP";
constexpr std::uint32_t version = 1;
constexpr std::size_t block_bytes = 1 << 20;
constexpr std::size_t max_block_bytes = 64 << 20;  // a piece is never cut
constexpr std::size_t max_header_bytes = 16 << 20;

[[noreturn]] void throw_file_error(std::string_view what) {
  const int code = errno;
  throw Failure(
      code == ENOSPC || code == EDQUOT ? 503 : 500,
      fmt::format("cannot {} the snapshot: {}", what, std::system_category().message(code)));
}

[[noreturn]] void throw_damaged(std::string_view what) {
  throw Failure(422, fmt::format("the snapshot is damaged: {}", what));
}

std::uint32_t crc32c(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

std::string number_bytes(std::uint32_t number) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(number >> shift);
  return bytes;
}

// Goes on from a checksum of checksums.
std::uint32_t chained(std::uint32_t before, std::uint32_t checksum) {
  return crc32c(number_bytes(before) + number_bytes(checksum));
}

}  // namespace

File open_file(const std::string& path, const char* mode) {
  File file(std::fopen(path.c_str(), mode), &std::fclose);
  const bool is_missing = file == nullptr && errno == ENOENT;
  if (is_missing && *mode == 'r') throw Failure(404, "the snapshot has been deleted");
  if (file == nullptr) throw_file_error("open");
  return file;
}

SnapshotWriter::SnapshotWriter(std::string path, const json::object& header)
    : path_(std::move(path)),
      unfinished_(path_ + std::string(unfinished_suffix)),
      file_(open_file(unfinished_, "wb")) {
  const std::string text = json_text(header);
  put(magic);
  put(number_bytes(version));
  put(number_bytes(static_cast<std::uint32_t>(text.size())));
  put(number_bytes(crc32c(text)));
  put(text);
}

SnapshotWriter::~SnapshotWriter() {
  if (file_ == nullptr) return;
  std::error_code ignored;
  std::filesystem::remove(unfinished_, ignored);
}

void SnapshotWriter::put(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size()) {
    throw_file_error("write");
  }
}

void SnapshotWriter::put_block() {
  const std::uint32_t checksum = crc32c(block_);
  put(number_bytes(static_cast<std::uint32_t>(block_.size())));
  put(number_bytes(checksum));
  put(block_);
  checksums_ = chained(checksums_, checksum);
  block_.clear();
}

void SnapshotWriter::add(std::string_view bytes) {
  block_ += bytes;
  if (block_.size() >= block_bytes) put_block();
}

void SnapshotWriter::finish() {
  if (!block_.empty()) put_block();
  put(number_bytes(0));
  put(number_bytes(checksums_));
  if (std::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0) {
    throw_file_error("write");
  }
  if (std::rename(unfinished_.c_str(), path_.c_str()) != 0) throw_file_error("name");
  file_.reset();
  const std::string folder = std::filesystem::path(path_).parent_path();
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY);
  const bool is_synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!is_synced) throw_file_error("keep");
}

ByteSource read_from(File file) {
  return [shared = std::shared_ptr<std::FILE>(file.release(), &std::fclose)](
             char* to, std::size_t bytes) { return std::fread(to, 1, bytes, shared.get()); };
}

ByteSource read_from(std::string_view bytes) {
  return [rest = bytes](char* to, std::size_t wanted) mutable {
    const std::size_t given = rest.copy(to, wanted);
    rest.remove_prefix(given);
    return given;
  };
}

SnapshotReader::SnapshotReader(ByteSource source) : source_(std::move(source)) {
  if (take(magic.size()) != magic) throw Failure(422, "this is no snapshot of a collection");
  const std::uint32_t found = take_number();
  if (found != version) {
    throw Failure(422, fmt::format("the snapshot is of version {}; this server reads version {}",
                                   found, version));
  }
  const std::size_t size = take_number();
  const std::uint32_t checksum = take_number();
  if (size > max_header_bytes) throw_damaged("its header has no end");
  const std::string text = take(size);
  if (crc32c(text) != checksum) throw_damaged("its header does not match its checksum");
  json::value header = parse_body(text);
  if (!header.is_object()) throw_damaged("its header is no object");
  header_ = std::move(header.get_object());
}

std::string SnapshotReader::take(std::size_t bytes) {
  std::string taken(bytes, '\0');
  if (source_(taken.data(), bytes) != bytes) throw_damaged("it ends too early");
  return taken;
}

std::uint32_t SnapshotReader::take_number() {
  std::uint32_t number = 0;
  const std::string bytes = take(4);
  for (int i = 3; i >= 0; --i) {
    number = number << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  }
  return number;
}

std::string SnapshotReader::next() {
  const std::size_t size = take_number();
  const std::uint32_t checksum = take_number();
  if (size == 0) {
    if (checksum != checksums_) throw_damaged("blocks are missing");
    char more = 0;
    if (source_(&more, 1) != 0) throw_damaged("something follows its end");
    return "";
  }
  if (size > max_block_bytes) throw_damaged("a block has no end");
  std::string block = take(size);
  if (crc32c(block) != checksum) throw_damaged("a block does not match its checksum");
  checksums_ = chained(checksums_, checksum);
  return block;
}

}  // namespace dvecdb::server::http::rest
