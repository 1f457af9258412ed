#include "server/storage/vector_index_build.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <thread>

#include "server/storage/dimension_check.h"
#include "server/storage/indexed_rows.h"
#include "server/storage/vector_distance.h"

namespace dvecdb::server::storage {

namespace {

core::Metric graph_metric(VectorMetric metric) {
  switch (metric) {
    case VectorMetric::inner_product:
      return core::Metric::inner_product;
    case VectorMetric::cosine:
      return core::Metric::cosine;
    case VectorMetric::l1:
      return core::Metric::l1;
    default:
      return core::Metric::l2_squared;
  }
}

// Vectors on their way from the reading thread to an inserting one: every so many of the rows.
// Rows that lie together are often alike. Were they one thread's, each thread would make an
// island of its own in the graph.
struct Batch {
  static constexpr std::size_t capacity = 64;
  std::uint64_t first_node = 0;
  std::uint64_t step = 1;
  std::vector<float> vectors;
};

// A queue of batches with inserting threads behind it. The first failure stops all.
class Inserters {
 public:
  Inserters(core::HnswIndex& graph, std::size_t dimensions, unsigned threads)
      : graph_(graph), dimensions_(dimensions), room_(threads * 4) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
  }
  ~Inserters() { stop(true); }
  Inserters(const Inserters&) = delete;
  Inserters& operator=(const Inserters&) = delete;

  void put(Batch batch) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return batches_.size() < room_ || error_; });
    if (error_) std::rethrow_exception(error_);
    batches_.push_back(std::move(batch));
    changed_.notify_all();
  }

  // Waits until all is in. Throws what an insert threw.
  void finish() {
    stop(false);
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void stop(bool at_once) {
    {
      const std::lock_guard lock(mutex_);
      is_ending_ = true;
      if (at_once) batches_.clear();
      changed_.notify_all();
    }
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return !batches_.empty() || is_ending_ || error_; });
      if (batches_.empty() || error_) return;
      const Batch batch = std::move(batches_.front());
      batches_.pop_front();
      changed_.notify_all();
      lock.unlock();
      std::exception_ptr error;
      try {
        insert(batch);
      } catch (...) {
        error = std::current_exception();
      }
      lock.lock();
      if (!error) continue;
      error_ = error;
      changed_.notify_all();
    }
  }

  void insert(const Batch& batch) {
    const std::size_t count = batch.vectors.size() / dimensions_;
    for (std::size_t i = 0; i < count; ++i) {
      graph_.insert(batch.first_node + i * batch.step, batch.vectors.data() + i * dimensions_);
    }
  }

  core::HnswIndex& graph_;
  const std::size_t dimensions_;
  const std::size_t room_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> batches_;
  bool is_ending_ = false;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

// Says in `progress` that a build runs, and afterwards how long it took.
class Measured {
 public:
  explicit Measured(BuildProgress& progress) : progress_(progress) { progress_.share = 0; }
  ~Measured() {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start_;
    progress_.seconds = took.count();
    progress_.share = -1;
  }
  Measured(const Measured&) = delete;
  Measured& operator=(const Measured&) = delete;

 private:
  BuildProgress& progress_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Rows are read in the order of their ids, which mostly begin at 1 and have few gaps.
double share_of(std::int64_t id, std::int64_t last_id) {
  if (last_id <= 0) return 0;
  return std::clamp(static_cast<double>(id) / static_cast<double>(last_id), 0.0, 1.0);
}

}  // namespace

core::HnswOptions graph_options(const VectorIndexDefinition& definition) {
  core::HnswOptions options;
  options.dims = static_cast<std::size_t>(definition.dimensions);
  options.metric = graph_metric(definition.metric);
  options.m = static_cast<std::uint32_t>(definition.m);
  options.ef_construction = static_cast<std::uint32_t>(definition.ef_construction);
  options.code = definition.code;
  return options;
}

BuiltGraph build_graph(Connection& connection, const VectorIndexDefinition& definition,
                       BuildProgress& progress) {
  const Measured measured(progress);
  BuiltGraph built;
  built.complete_to = change_log::last_sequence(connection);
  built.graph = std::make_shared<core::HnswIndex>(graph_options(definition));
  const auto dimensions = static_cast<std::size_t>(definition.dimensions);
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  Inserters inserters(*built.graph, dimensions, threads);
  const IndexedRows rows(connection, definition);
  const std::int64_t last_id = rows.last_id();
  Statement scan = rows.scan();
  std::vector<float> buffer;
  std::vector<Batch> batches(threads);
  const auto put_all = [&] {
    for (Batch& batch : batches) {
      if (!batch.vectors.empty()) inserters.put(std::move(batch));
      batch = {};
    }
  };
  while (scan.step()) {
    const Value value = scan.column(1);
    if (value.is_null()) continue;
    dimension_check::check(definition.element, definition.dimensions, value.as_bytes());
    const float* floats = as_floats(definition.element, value.as_bytes(), buffer);
    if (!is_finite(floats, dimensions)) continue;
    const std::uint64_t node = built.ids.size();
    Batch& batch = batches[node % threads];
    if (batch.vectors.empty()) batch = {.first_node = node, .step = threads, .vectors = {}};
    batch.vectors.insert(batch.vectors.end(), floats, floats + dimensions);
    built.ids.push_back(scan.column(0).as_integer());
    if (built.ids.size() % (Batch::capacity * threads) != 0) continue;
    put_all();
    progress.share = share_of(scan.column(0).as_integer(), last_id);
  }
  put_all();
  inserters.finish();
  return built;
}

}  // namespace dvecdb::server::storage
