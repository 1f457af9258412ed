// A vector index file: either it loads and answers, or it is refused as damaged. The input is a
// list of changes to a good file, 8 bytes each: a place and what is to stand there. Checksums are
// made right again where the first change has an even place, so that the changes come to be read.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "dvecdb/hnsw.h"
#include "tests/unit/core/reseal.h"

using namespace dvecdb::core;

namespace {

constexpr std::size_t kDims = 5;

std::string path() {
  static const std::string path =
      (std::filesystem::temp_directory_path() / ("fuzz_index_" + std::to_string(getpid())))
          .string();
  return path;
}

std::vector<char> read_file() {
  std::ifstream in(path(), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<float> row(std::uint64_t number) {
  std::vector<float> row(kDims);
  for (std::size_t i = 0; i < kDims; ++i) row[i] = static_cast<float>((number * 7 + i * i) % 13);
  return row;
}

std::size_t changes_at = 0;  // in the good file

std::vector<char> make_file() {
  HnswOptions options;
  options.dims = kDims;
  options.m = 3;
  options.ef_construction = 8;
  HnswIndex index(options);
  for (std::uint64_t i = 0; i < 60; ++i) index.insert(i, row(i).data());
  for (std::uint64_t i = 0; i < 10; ++i) index.remove(i * 5);
  index.save(path(), {1, "some metadata"});
  changes_at = std::filesystem::file_size(path());
  for (std::uint64_t i = 0; i < 3; ++i) index.upsert(i, row(i + 5).data());
  index.append_changes(path(), {2, "some more"});
  return read_file();
}

void use(HnswIndex& index) {
  if (index.options().dims != kDims) return;
  index.search(row(1).data(), 10, 40);
  index.open_cursor(row(2).data(), 4).next(100);
  for (std::uint64_t i = 0; i < 8; ++i) index.upsert(i * 3, row(i).data());
  for (std::uint64_t i = 0; i < 8; ++i) index.remove(i * 2);
  index.compact();
  index.search(row(3).data(), 10, 40);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<char> good = make_file();
  struct Change {
    std::uint32_t place;
    std::uint32_t value;
  };
  std::vector<char> bytes = good;
  bool is_resealed = false;
  for (std::size_t at = 0; at + sizeof(Change) <= size; at += sizeof(Change)) {
    Change change;
    std::memcpy(&change, data + at, sizeof change);
    if (at == 0) is_resealed = change.place % 2 == 0;
    if (change.place % 16 == 15) {
      bytes.resize(change.value % (2 * good.size()));
      continue;
    }
    const std::size_t place = change.place / 2 * 4 % good.size();
    if (place + sizeof change.value <= bytes.size()) {
      std::memcpy(&bytes[place], &change.value, sizeof change.value);
    }
  }
  if (is_resealed) {
    reseal(bytes);
    reseal_changes(bytes, changes_at);
  }
  std::ofstream(path(), std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  try {
    HnswIndex index = HnswIndex::load(path());
    use(index);
    HnswIndex::verify(path());
  } catch (const CorruptFile&) {
    // Refused.
  }
  std::filesystem::remove(path());
  return 0;
}
