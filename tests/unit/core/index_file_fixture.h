#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "dvecdb/hnsw.h"
#include "dvecdb/label_set.h"
#include "tests/unit/core/generated_data.h"

namespace dvecdb::core {

/// A folder for a test's index files, and what is done with indexes in them.
class IndexFile : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ =
        std::filesystem::temp_directory_path() / ("dvecdb_index_file_" + std::to_string(getpid()));
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string path(const char* name) const { return (directory_ / name).string(); }

  /// With duplicates of row 3, and every `removed`th row removed again.
  static HnswIndex small_index(const GeneratedData& data, Metric metric, std::size_t removed = 3) {
    HnswOptions options;
    options.dims = data.dims;
    options.metric = metric;
    options.m = 6;
    options.ef_construction = 40;
    HnswIndex index(options);
    for (std::size_t i = 0; i < data.count; ++i) index.insert(i, data.row(i));
    for (std::size_t i = 0; i < 20; ++i) index.insert(10'000 + i, data.row(3));
    for (std::size_t i = 0; removed > 0 && i < data.count; i += removed) index.remove(i);
    return index;
  }

  static void expect_equal(const HnswIndex& a, const HnswIndex& b, const GeneratedData& data) {
    EXPECT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < data.count; i += 7) {
      EXPECT_EQ(a.search(data.row(i), 15, 30), b.search(data.row(i), 15, 30));
    }
  }

  /// All that goes through the graph: for indexes of which nothing is known, not even that they
  /// answer right.
  static void use(HnswIndex& index, const GeneratedData& data) {
    for (std::size_t i = 0; i < data.count; i += 29) index.search(data.row(i), 10, 20);
    LabelSet some;
    for (std::size_t i = 0; i < data.count; i += 3) some.add(i);
    const Filter filter{&some, {}};
    for (std::size_t i = 0; i < data.count; i += 29) index.search(data.row(i), 10, 20, filter);
    index.open_cursor(data.row(0), 10).next(2 * data.count);
    for (std::size_t i = 0; i < data.count; i += 11) index.upsert(i, data.row(i));
    for (std::size_t i = 0; i < data.count; i += 5) index.remove(i);
    for (std::size_t i = 0; i < 10; ++i) index.insert(20'000 + i, data.row(3));
    index.compact();
    index.search(data.row(1), 10, 20);
  }

  std::filesystem::path directory_;
};

inline std::vector<char> read_all(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_all(const std::string& path, const std::vector<char>& bytes) {
  std::ofstream(path, std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace dvecdb::core
