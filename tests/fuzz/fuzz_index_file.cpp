// A vector index file: either it loads and answers, or it is refused as damaged.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "dvecdb/hnsw.h"

using namespace dvecdb::core;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string path =
      (std::filesystem::temp_directory_path() / ("fuzz_index_" + std::to_string(getpid())))
          .string();
  if (std::FILE* file = std::fopen(path.c_str(), "wb")) {
    std::fwrite(data, 1, size, file);
    std::fclose(file);
  }
  try {
    const HnswIndex index = HnswIndex::load(path);
    const std::vector<float> query(index.options().dims, 0.5F);
    index.search(query.data(), 10, 40);
  } catch (const CorruptFile&) {
    // Refused.
  }
  std::filesystem::remove(path);
  return 0;
}
