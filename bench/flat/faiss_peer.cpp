#include "bench/flat/faiss_peer.h"

#include <dlfcn.h>
#include <faiss/IndexFlat.h>
#include <omp.h>

namespace dvecdb::bench {
namespace {

// OpenBLAS has threads of its own, which FAISS does not set.
void set_threads(int threads) {
  omp_set_num_threads(threads);
  using Set = void (*)(int);
  static const auto set = reinterpret_cast<Set>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set != nullptr) set(threads);
}

}  // namespace

struct FaissPeer::Impl {
  explicit Impl(std::size_t dims) : index(static_cast<faiss::Index::idx_t>(dims)) {}
  faiss::IndexFlatL2 index;
};

FaissPeer::FaissPeer(const std::vector<float>& rows, std::size_t dims)
    : impl_(std::make_unique<Impl>(dims)) {
  impl_->index.add(static_cast<faiss::Index::idx_t>(rows.size() / dims), rows.data());
}

FaissPeer::~FaissPeer() = default;

std::vector<std::int64_t> FaissPeer::search(const float* queries, std::size_t count, std::size_t k,
                                            int threads) const {
  set_threads(threads);
  std::vector<float> distances(count * k);
  std::vector<faiss::Index::idx_t> labels(count * k);
  impl_->index.search(static_cast<faiss::Index::idx_t>(count), queries,
                      static_cast<faiss::Index::idx_t>(k), distances.data(), labels.data());
  return {labels.begin(), labels.end()};
}

}  // namespace dvecdb::bench
