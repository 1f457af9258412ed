#include "bench/ann/folder_set.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "dvecdb/distance.h"

namespace dvecdb::bench::ann {

namespace {

namespace fs = std::filesystem;
static_assert(std::endian::native == std::endian::little, "the files are little-endian");

constexpr std::size_t max_dims = 16000;

template <class T>
std::vector<T> read_all(const fs::path& path) {
  const auto bytes = static_cast<std::size_t>(fs::file_size(path));
  if (bytes % sizeof(T) != 0) throw std::runtime_error(path.string() + " has a torn last value");
  std::vector<T> values(bytes / sizeof(T));
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(bytes));
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return values;
}

std::size_t dims_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  const std::string digits = name.substr(name.rfind('-') + 1);
  if (digits.empty() || digits.size() > 5 ||
      digits.find_first_not_of("0123456789") != std::string::npos) {
    return 0;
  }
  const auto dims = static_cast<std::size_t>(std::stoul(digits));
  return dims > max_dims ? 0 : dims;
}

bool has_set(const fs::path& folder) {
  return dims_of(folder) > 0 && (fs::exists(folder / "base.u8") || fs::exists(folder / "base.f32"));
}

std::uintmax_t base_bytes(const fs::path& folder) {
  const fs::path bytes = folder / "base.u8";
  return fs::exists(bytes) ? 4 * fs::file_size(bytes) : fs::file_size(folder / "base.f32");
}

Vectors read_vectors(const fs::path& stem, std::size_t dims) {
  const fs::path bytes = stem.string() + ".u8";
  Vectors vectors;
  vectors.dims = dims;
  if (fs::exists(bytes)) {
    const std::vector<std::uint8_t> values = read_all<std::uint8_t>(bytes);
    vectors.values.assign(values.begin(), values.end());
  } else {
    vectors.values = read_all<float>(stem.string() + ".f32");
  }
  if (vectors.values.empty() || vectors.values.size() % dims != 0) {
    throw std::runtime_error(stem.string() + ".* does not hold rows of " + std::to_string(dims) +
                             " dimensions");
  }
  return vectors;
}

bool is_of_unit_length(const Vectors& vectors) {
  const std::size_t step = std::max<std::size_t>(1, vectors.rows() / 100);
  for (std::size_t i = 0; i < vectors.rows(); i += step) {
    if (std::abs(core::l2_norm(vectors.row(i), vectors.dims) - 1) > 1e-3) return false;
  }
  return true;
}

Metric metric_of(const fs::path& folder, const Vectors& base) {
  if (!fs::exists(folder / "metric")) return is_of_unit_length(base) ? Metric::cosine : Metric::l2;
  std::ifstream file(folder / "metric");
  std::string name;
  file >> name;
  if (name == "cosine") return Metric::cosine;
  if (name == "l2") return Metric::l2;
  throw std::runtime_error((folder / "metric").string() + " says neither l2 nor cosine but \"" +
                           name + "\"");
}

std::vector<std::int32_t> read_truth(const fs::path& path, const VectorSet& set) {
  if (!fs::exists(path)) return {};
  std::vector<std::int32_t> truth = read_all<std::int32_t>(path);
  const auto rows = static_cast<std::int32_t>(set.base.rows());
  const bool fits = truth.size() % set.queries.rows() == 0 &&
                    truth.size() / set.queries.rows() >= neighbors &&
                    std::all_of(truth.begin(), truth.end(),
                                [&](std::int32_t id) { return id >= 0 && id < rows; });
  if (!fits) throw std::runtime_error(path.string() + " does not fit the set beside it");
  return truth;
}

}  // namespace

std::vector<std::string> folder_sets(const std::string& folder) {
  if (!fs::is_directory(folder)) throw std::runtime_error(folder + " is no folder");
  std::vector<fs::path> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory() && has_set(entry.path())) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    return std::pair(base_bytes(a), a) < std::pair(base_bytes(b), b);
  });
  std::vector<std::string> names;
  for (const fs::path& path : found) names.push_back(path.filename().string());
  return names;
}

FolderSet read_folder_set(const std::string& path) {
  const fs::path folder(path);
  const std::size_t dims = dims_of(folder);
  if (dims == 0) {
    throw std::runtime_error(path + ": a set's name ends in -<dimensions>, from 1 to 16000");
  }
  FolderSet read;
  read.set.name = folder.filename().string();
  read.set.base = read_vectors(folder / "base", dims);
  read.set.queries = read_vectors(folder / "query", dims);
  if (read.set.base.rows() < neighbors) throw std::runtime_error(path + " has under 10 rows");
  read.set.metric = metric_of(folder, read.set.base);
  if (read.set.metric == Metric::cosine) {
    scale_to_unit(read.set.base);
    scale_to_unit(read.set.queries);
  }
  read.truth = read_truth(folder / "gt.i32", read.set);
  return read;
}

}  // namespace dvecdb::bench::ann
