// What the benchmark asks of a library of approximate nearest neighbors. An adapter is one small
// file in adapters/; README.md shows how to add one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "bench/ann/vectors.h"

namespace dvecdb::bench::ann {

/// What an index is made with. All libraries get the same m and ef_construction.
struct LibraryOptions {
  std::size_t m = 16;
  std::size_t ef_construction = 200;
  std::map<std::string, std::string> settings;  ///< the library's own, by name
};

class AnnLibrary {
 public:
  virtual ~AnnLibrary() = default;

  /// Indexes all of `base` with so many threads; row numbers are the ids. Called once. `base`
  /// stays where it is for the index's life, but a library that would copy vectors for its user
  /// must copy them here as well.
  virtual void build(const Vectors& base, Metric metric, int threads) = 0;

  /// How many candidates the following searches keep.
  virtual void set_ef(std::size_t ef) = 0;

  /// Writes up to `k` ids, returns how many. Several threads search at once, each one query at a
  /// time.
  virtual std::size_t search(const float* query, std::size_t k, std::uint32_t* ids) const = 0;

  virtual void save(const std::string& path) const = 0;

  /// What the library itself says that it holds; 0 when it does not say.
  virtual std::size_t memory_bytes() const { return 0; }
};

/// Of "name" or "name:setting=value+setting=value". The settings m and ef_construction are every
/// library's. Throws std::invalid_argument naming what is unknown.
std::unique_ptr<AnnLibrary> make_library(const std::string& spec, LibraryOptions options = {});

/// The names that this build knows, separated by commas: peers whose packages were missing are not
/// among them.
std::string known_libraries();
bool is_known_library(const std::string& spec);

/// The spec without its settings.
std::string library_name(const std::string& spec);

/// For adapters without settings of their own. Throws std::invalid_argument when there are any.
inline void refuse_settings(const std::string& library, const LibraryOptions& options) {
  if (options.settings.empty()) return;
  throw std::invalid_argument(library + " has no setting \"" + options.settings.begin()->first +
                              "\"");
}

}  // namespace dvecdb::bench::ann
