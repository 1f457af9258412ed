// FAISS's HNSW on float32 vectors and on 8-bit codes. Cosine sets are of unit length, where the
// order of L2 is that of the cosine.
#include <faiss/IndexHNSW.h>
#include <faiss/index_io.h>
#include <omp.h>

#include <atomic>

#include "bench/ann/adapters/adapters.h"
#include "bench/ann/adapters/faiss_storage.h"

namespace dvecdb::bench::ann {

namespace {

using Id = decltype(faiss::Index::ntotal);

/// What FAISS makes anew for each call of its search(), and shares among a call's queries. Kept a
/// thread, so that one query at a time costs no more than one of many.
struct SearchState {
  std::uint64_t owner = 0;
  std::unique_ptr<faiss::VisitedTable> visited;
  std::unique_ptr<faiss::DistanceComputer> distances;
};

template <class Hnsw, class Storage>
class Faiss final : public AnnLibrary {
 public:
  explicit Faiss(const LibraryOptions& options) : options_(options) {}

  void build(const Vectors& base, Metric, int threads) override {
    omp_set_num_threads(threads);
    index_ = std::make_unique<Hnsw>();
    index_->d = static_cast<int>(base.dims);
    index_->hnsw = faiss::HNSW(static_cast<int>(options_.m));
    index_->hnsw.efConstruction = static_cast<int>(options_.ef_construction);
    index_->storage = new Storage(static_cast<int>(base.dims));
    index_->own_fields = true;
    const auto rows = static_cast<Id>(base.rows());
    index_->is_trained = index_->storage->is_trained;
    index_->train(rows, base.values.data());
    index_->add(rows, base.values.data());
    omp_set_num_threads(1);
  }

  void set_ef(std::size_t ef) override { index_->hnsw.efSearch = static_cast<int>(ef); }

  std::size_t search(const float* query, std::size_t k, std::uint32_t* ids) const override {
    SearchState& state = state_of_thread();
    std::vector<Id> labels(k, -1);
    std::vector<float> distances(k);
    search_graph(*index_, state, query, Answer{labels, distances});
    std::size_t count = 0;
    for (const Id label : labels) {
      if (label >= 0) ids[count++] = static_cast<std::uint32_t>(label);
    }
    return count;
  }

  void save(const std::string& path) const override {
    faiss::write_index(index_.get(), path.c_str());
  }

 private:
  struct Answer {
    std::vector<Id>& labels;
    std::vector<float>& distances;
  };

  /// Newer versions keep the graph's search to themselves: there a call makes its own state.
  template <class Index>
  static void search_graph(const Index& index, SearchState& state, const float* query,
                           Answer answer) {
    const auto k = static_cast<int>(answer.labels.size());
    Id* labels = answer.labels.data();
    float* distances = answer.distances.data();
    if constexpr (requires {
                    index.hnsw.search(*state.distances, k, labels, distances, *state.visited);
                  }) {
      state.distances->set_query(query);
      faiss::maxheap_heapify(answer.labels.size(), distances, labels);
      index.hnsw.search(*state.distances, k, labels, distances, *state.visited);
      faiss::maxheap_reorder(answer.labels.size(), distances, labels);
    } else {
      index.search(1, query, k, distances, labels);
    }
  }

  SearchState& state_of_thread() const {
    thread_local SearchState state;
    if (state.owner != id_) {
      state.visited = std::make_unique<faiss::VisitedTable>(static_cast<int>(index_->ntotal));
      state.distances.reset(index_->storage->get_distance_computer());
      state.owner = id_;
    }
    return state;
  }

  static inline std::atomic<std::uint64_t> last_id_ = 0;
  const std::uint64_t id_ = ++last_id_;
  LibraryOptions options_;
  std::unique_ptr<Hnsw> index_;
};

}  // namespace

std::unique_ptr<AnnLibrary> make_faiss_flat(const LibraryOptions& options) {
  refuse_settings("faiss-flat", options);
  return std::make_unique<Faiss<faiss::IndexHNSWFlat, NativeFlat>>(options);
}

std::unique_ptr<AnnLibrary> make_faiss_sq8(const LibraryOptions& options) {
  refuse_settings("faiss-sq8", options);
  return std::make_unique<Faiss<faiss::IndexHNSWSQ, NativeSq8>>(options);
}

}  // namespace dvecdb::bench::ann
