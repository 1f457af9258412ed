#include "demo/demo_set.h"

#include <zlib.h>

#include <memory>
#include <stdexcept>

namespace dvecdb::demo {

namespace {

constexpr int record_bytes = 1 + dimensions;

}  // namespace

std::vector<Image> read_demo_set(const std::string& path) {
  const std::string name = path.empty() ? DVECDB_DEMO_FILE : path;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(name.c_str(), "rb"), gzclose);
  if (!file) throw std::runtime_error("cannot open the demo set " + name);
  std::vector<Image> images;
  std::array<unsigned char, record_bytes> record;
  int count = 0;
  while ((count = gzread(file.get(), record.data(), record_bytes)) == record_bytes) {
    images.push_back({record[0], {record.begin() + 1, record.end()}});
    if (record[0] >= class_names.size()) break;
  }
  if (count != 0 || images.empty()) throw std::runtime_error("the demo set is damaged: " + name);
  return images;
}

}  // namespace dvecdb::demo
