// Distance kernels of every instruction set that this machine has: hot (one pair of rows in
// cache) and streaming (one query against many rows in memory), beside a plain read of the same
// memory.

#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "dvecdb/distance.h"

namespace dvecdb::core {
namespace {

constexpr std::size_t kStreamBytes = std::size_t{256} << 20;

std::vector<float> random_floats(std::size_t count) {
  std::mt19937 random(1);
  std::vector<float> values(count);
  for (float& x : values) x = static_cast<float>(random() % 2000) / 1000 - 1;
  return values;
}

template <class T>
std::vector<T> random_rows(std::size_t count);

template <>
std::vector<float> random_rows<float>(std::size_t count) {
  return random_floats(count);
}

template <>
std::vector<Half> random_rows<Half>(std::size_t count) {
  const std::vector<float> values = random_floats(count);
  std::vector<Half> halves(count);
  to_half(values.data(), halves.data(), count);
  return halves;
}

template <class T>
void hot(benchmark::State& state, typename DistanceKernels<T>::One measure) {
  const auto dims = static_cast<std::size_t>(state.range(0));
  const std::vector<T> rows = random_rows<T>(2 * dims);
  for (auto _ : state) {
    benchmark::DoNotOptimize(measure(rows.data(), rows.data() + dims, dims));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(2 * dims * sizeof(T)));
}

template <class T>
void streaming(benchmark::State& state, typename DistanceKernels<T>::Many measure) {
  const auto dims = static_cast<std::size_t>(state.range(0));
  const std::size_t count = kStreamBytes / (dims * sizeof(T));
  const std::vector<T> rows = random_rows<T>((count + 1) * dims);
  std::vector<const T*> pointers;
  for (std::size_t i = 0; i < count; ++i) pointers.push_back(rows.data() + i * dims);
  std::vector<float> distances(count);
  for (auto _ : state) {
    measure(rows.data() + count * dims, pointers.data(), count, dims, distances.data());
    benchmark::DoNotOptimize(distances.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(count * dims * sizeof(T)));
}

/// What the memory gives: a sum over all words.
void plain_read(benchmark::State& state) {
  const std::vector<std::uint64_t> words(kStreamBytes / sizeof(std::uint64_t), 1);
  for (auto _ : state) {
    std::uint64_t sums[8] = {};
    for (std::size_t i = 0; i < words.size(); i += 8) {
      for (std::size_t j = 0; j < 8; ++j) sums[j] += words[i + j];
    }
    benchmark::DoNotOptimize(sums);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kStreamBytes));
}

void with_dims(benchmark::internal::Benchmark* bench) {
  for (int dims : {128, 384, 768, 1536}) bench->Arg(dims);
}

template <class T>
void register_kernels(Isa isa, const std::string& element) {
  const DistanceKernels<T>& kernels = distance_kernels<T>(isa);
  const auto add = [&](const char* name, typename DistanceKernels<T>::One one,
                       typename DistanceKernels<T>::Many many) {
    const std::string label = std::string(isa_name(isa)) + "/" + element + "/" + name;
    with_dims(benchmark::RegisterBenchmark((label + "/hot").c_str(), hot<T>, one));
    with_dims(benchmark::RegisterBenchmark((label + "/streaming").c_str(), streaming<T>, many));
  };
  add("l2_squared", kernels.l2_squared, kernels.l2_squared_many);
  add("dot", kernels.dot, kernels.dot_many);
  add("l1", kernels.l1, kernels.l1_many);
}

}  // namespace
}  // namespace dvecdb::core

int main(int argc, char** argv) {
  using namespace dvecdb::core;
  benchmark::RegisterBenchmark("plain_read", plain_read);
  for (Isa isa : supported_isas()) {
    register_kernels<float>(isa, "float");
    register_kernels<Half>(isa, "half");
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
