// A backup's archive: either it is read to its end, with names that lead nowhere else, or it is
// refused. An input with an even first byte is the archive; one with an odd first byte says what a
// writer with bad intentions puts into one whose checksums are right.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "server/storage/backup_archive.h"
#include "server/types/error.h"

using namespace dvecdb::server::storage;

namespace {

// Stands for a folder: what must never come to it ends the program.
class Folder : public ArchiveContent {
 public:
  void begin(const std::string& name, std::uint64_t bytes) override {
    const bool leads_elsewhere = name.empty() || name.front() == '/' ||
                                 name.find("..") != std::string::npos || name == "MANIFEST";
    if (leads_elsewhere || is_open_) std::abort();
    is_open_ = true;
    left_ = bytes;
  }
  void add(std::string_view bytes) override {
    if (!is_open_ || bytes.size() > left_) std::abort();
    left_ -= bytes.size();
  }
  void end() override {
    if (!is_open_ || left_ != 0) std::abort();
    is_open_ = false;
  }

 private:
  bool is_open_ = false;
  std::uint64_t left_ = 0;
};

bool is_accepted(std::string_view archive, std::size_t piece) {
  Folder folder;
  ArchiveReader reader(&folder);
  try {
    while (!archive.empty()) {
      reader.push(archive.substr(0, piece));
      archive.remove_prefix(std::min(piece, archive.size()));
    }
    reader.finish();
    return true;
  } catch (const dvecdb::server::types::SqlError&) {
    return false;
  }
}

// Lines of: name, '\n', content.
std::string write_archive(std::string_view text) {
  ArchiveWriter writer("2026-11-23T20:11:07Z");
  std::string archive = writer.begin("format", 0);
  archive += writer.end();
  while (!text.empty()) {
    const std::string_view name = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), name.size() + 1));
    const std::string_view content = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), content.size() + 1));
    archive += writer.begin(std::string(name.substr(0, 100)), content.size());
    archive += writer.add(std::string(content));
    archive += writer.end();
  }
  return archive + writer.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool is_archive = data[0] % 2 == 0;
  const std::string archive = is_archive ? std::string(rest) : write_archive(rest);
  // How it comes in pieces makes no difference.
  if (is_accepted(archive, 1 + data[0] / 2) != is_accepted(archive, 4096)) std::abort();
  return 0;
}
