// The library of this repository, as it ships.
#include <atomic>
#include <optional>
#include <stdexcept>

#include "bench/ann/adapters/adapters.h"
#include "bench/ann/on_threads.h"
#include "dvecdb/hnsw.h"

namespace dvecdb::bench::ann {

namespace {

struct CodeName {
  const char* name;
  core::CodeKind code;
};

constexpr CodeName code_names[] = {
    {"automatic", core::CodeKind::automatic}, {"half", core::CodeKind::half},
    {"int8", core::CodeKind::int8},           {"int4", core::CodeKind::int4},
    {"single", core::CodeKind::single},
};

core::CodeKind code_of(const std::string& name) {
  std::string known;
  for (const CodeName& entry : code_names) {
    if (entry.name == name) return entry.code;
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw std::invalid_argument("no code \"" + name + "\"; there are " + known);
}

core::HnswOptions options_of(const LibraryOptions& options) {
  core::HnswOptions made;
  made.m = static_cast<std::uint32_t>(options.m);
  made.ef_construction = static_cast<std::uint32_t>(options.ef_construction);
  for (const auto& [key, value] : options.settings) {
    if (key == "code") {
      made.code = code_of(value);
    } else if (key == "vectors_folder") {
      made.vectors_folder = value;
    } else {
      throw std::invalid_argument("ours has no setting \"" + key + "\"; there are code, " +
                                  "vectors_folder, m, ef_construction");
    }
  }
  return made;
}

class Ours final : public AnnLibrary {
 public:
  explicit Ours(const LibraryOptions& options) : options_(options_of(options)) {}

  void build(const Vectors& base, Metric metric, int threads) override {
    options_.dims = base.dims;
    options_.metric = metric == Metric::l2 ? core::Metric::l2_squared : core::Metric::cosine;
    index_.emplace(options_);
    std::atomic<std::size_t> next = 0;
    on_threads(threads, [&](int) {
      for (std::size_t row = next++; row < base.rows(); row = next++) {
        index_->insert(row, base.row(row));
      }
    });
  }

  void set_ef(std::size_t ef) override { ef_ = ef; }

  std::size_t search(const float* query, std::size_t k, std::uint32_t* ids) const override {
    const std::vector<core::Neighbor> found = index_->search(query, k, ef_);
    for (std::size_t i = 0; i < found.size(); ++i) {
      ids[i] = static_cast<std::uint32_t>(found[i].label);
    }
    return found.size();
  }

  void save(const std::string& path) const override { index_->save(path); }
  std::size_t memory_bytes() const override { return index_->stats().memory_bytes; }

 private:
  core::HnswOptions options_;
  std::optional<core::HnswIndex> index_;
  std::size_t ef_ = 0;
};

}  // namespace

std::unique_ptr<AnnLibrary> make_ours(const LibraryOptions& options) {
  return std::make_unique<Ours>(options);
}

}  // namespace dvecdb::bench::ann
