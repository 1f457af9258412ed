// hnswlib, on float32 vectors. Cosine sets are of unit length, so it takes the inner product.
#include <hnswlib/hnswlib.h>

#include <atomic>

#include "bench/ann/adapters/adapters.h"
#include "bench/ann/on_threads.h"

namespace dvecdb::bench::ann {

namespace {

class Hnswlib final : public AnnLibrary {
 public:
  explicit Hnswlib(const LibraryOptions& options) : options_(options) {}

  void build(const Vectors& base, Metric metric, int threads) override {
    if (metric == Metric::l2) {
      space_ = std::make_unique<hnswlib::L2Space>(base.dims);
    } else {
      space_ = std::make_unique<hnswlib::InnerProductSpace>(base.dims);
    }
    index_ = std::make_unique<hnswlib::HierarchicalNSW<float>>(
        space_.get(), base.rows(), options_.m, options_.ef_construction);
    index_->addPoint(base.row(0), 0);  // its own binding adds the first alone, too
    std::atomic<std::size_t> next = 1;
    on_threads(threads, [&](int) {
      for (std::size_t row = next++; row < base.rows(); row = next++) {
        index_->addPoint(base.row(row), row);
      }
    });
  }

  void set_ef(std::size_t ef) override { index_->setEf(ef); }

  std::size_t search(const float* query, std::size_t k, std::uint32_t* ids) const override {
    auto found = index_->searchKnn(query, k);
    const std::size_t count = found.size();
    for (std::size_t i = count; i-- > 0; found.pop()) {
      ids[i] = static_cast<std::uint32_t>(found.top().second);
    }
    return count;
  }

  void save(const std::string& path) const override { index_->saveIndex(path); }

 private:
  LibraryOptions options_;
  std::unique_ptr<hnswlib::SpaceInterface<float>> space_;
  std::unique_ptr<hnswlib::HierarchicalNSW<float>> index_;
};

}  // namespace

std::unique_ptr<AnnLibrary> make_hnswlib(const LibraryOptions& options) {
  refuse_settings("hnswlib", options);
  return std::make_unique<Hnswlib>(options);
}

}  // namespace dvecdb::bench::ann
