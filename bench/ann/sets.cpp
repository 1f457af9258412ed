#include "bench/ann/sets.h"

#include <filesystem>
#include <stdexcept>

#include "bench/ann/folder_set.h"
#include "bench/ann/generated_set.h"
#include "bench/ann/ground_truth.h"
#include "demo/demo_set.h"

namespace dvecdb::bench::ann {

namespace {

constexpr std::size_t held_out = 1000;
constexpr const char* demo_name = "demo-784";

void keep_queries(VectorSet& set, std::size_t limit) {
  if (limit == 0 || set.queries.rows() <= limit) return;
  set.queries.values.resize(limit * set.queries.dims);
}

/// The last images are the queries.
VectorSet make_demo() {
  const std::vector<demo::Image> images = demo::read_demo_set();
  VectorSet set;
  set.name = demo_name;
  set.base.dims = demo::dimensions;
  set.queries.dims = demo::dimensions;
  for (std::size_t i = 0; i < images.size(); ++i) {
    Vectors& to = i + held_out < images.size() ? set.base : set.queries;
    to.values.insert(to.values.end(), images[i].pixels.begin(), images[i].pixels.end());
  }
  return set;
}

VectorSet load_folder(const std::string& path, const SetSource& source) {
  FolderSet read = read_folder_set(path);
  if (read.truth.empty()) {
    keep_queries(read.set, source.queries);
    find_truth(read.set, source.threads, source.cache);
    return std::move(read.set);
  }
  set_truth(read.set, read.truth);
  keep_queries(read.set, source.queries);
  read.set.kth_distances.resize(read.set.queries.rows());
  return std::move(read.set);
}

}  // namespace

std::vector<std::string> default_sets(const SetSource& source, bool is_full) {
  std::vector<std::string> names;
  if (source.data.empty()) {
    names.emplace_back(demo_name);
  } else {
    names = folder_sets(source.data);
    if (names.empty()) throw std::runtime_error("no sets in " + source.data);
  }
  names.emplace_back(is_full ? "mixture-1m-128" : "mixture-200k-128");
  names.emplace_back(is_full ? "mixture-200k-768" : "mixture-50k-768");
  return names;
}

VectorSet load_set(const std::string& name, const SetSource& source) {
  VectorSet set;
  if (const auto shape = mixture_shape(name)) {
    set = make_mixture(name, *shape, held_out, source.threads);
  } else if (name == demo_name) {
    set = make_demo();
  } else {
    const std::filesystem::path inside = std::filesystem::path(source.data) / name;
    const bool is_inside = !source.data.empty() && std::filesystem::is_directory(inside);
    if (!is_inside && !std::filesystem::is_directory(name)) {
      throw std::runtime_error("no set \"" + name + "\": neither a folder of sets, nor demo-784, " +
                               "nor mixture-<rows>-<dims>");
    }
    return load_folder(is_inside ? inside.string() : name, source);
  }
  keep_queries(set, source.queries);
  find_truth(set, source.threads, source.cache);
  return set;
}

}  // namespace dvecdb::bench::ann
