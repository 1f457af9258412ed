// Distance kernels of the best instruction set of this machine (or of --isa=avx2, scalar ...):
// hot, rows that stay in the first cache, and streaming, rows that come from memory; beside the
// rates of the machine's ports, a plain read of the same memory, and the peers' kernels.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <random>
#include <vector>

#include "bench/kernels/measures.h"
#include "bench/kernels/peaks.h"
#include "bench/kernels/results.h"
#include "bench/kernels/targets.h"
#include "dvecdb/distance.h"

namespace dvecdb::bench {
namespace {

constexpr std::size_t kStreamBytes = std::size_t{320} << 20;
constexpr std::size_t kHotBytes = 16384;  // half of a first cache

/// Memory whose bytes are good numbers as every element: as halves 0.5 to 1 of either sign, as
/// floats small, none of them denormal or NaN.
const char* memory() {
  static const std::vector<std::uint16_t> numbers = [] {
    std::vector<std::uint16_t> out(kStreamBytes / 2);
    std::mt19937 random(1);
    for (std::uint16_t& x : out) {
      const std::uint32_t bits = static_cast<std::uint32_t>(random());
      x = static_cast<std::uint16_t>(0x3800u | (bits & 0x83ffu));
    }
    return out;
  }();
  const auto address = reinterpret_cast<std::uintptr_t>(numbers.data());
  return reinterpret_cast<const char*>(numbers.data()) + (64 - address % 64) % 64;
}

Rows rows_in(std::size_t bytes, const std::string& element, std::size_t dims) {
  const std::size_t row = row_bytes(element, dims);
  const std::size_t fours = std::max<std::size_t>(1, (bytes / row - 1) / 4);
  return {memory(), row, 1 + 4 * fours, dims};
}

void set_rate(benchmark::State& state, double per_iteration) {
  state.counters["rate"] =
      benchmark::Counter(per_iteration, benchmark::Counter::kIsIterationInvariantRate);
}

void add_run(const Measure& measure, const char* form, const Run& run, std::size_t bytes) {
  if (!run) return;
  for (std::size_t dims : kDims) {
    const std::string name = run_name(measure.maker, measure.element, measure.name, form, dims);
    const Rows rows = rows_in(bytes, measure.element, dims);
    benchmark::RegisterBenchmark(name.c_str(), [run, rows](benchmark::State& state) {
      for (auto _ : state) benchmark::DoNotOptimize(run(rows));
      set_rate(state, static_cast<double>(rows.count - 1));
    });
  }
}

void add_peaks() {
  for (const Peak& peak : port_peaks()) {
    const std::string name = "peak/" + peak.name;
    benchmark::RegisterBenchmark(name.c_str(), [peak](benchmark::State& state) {
      constexpr std::size_t kRounds = 1000;
      double registers = 0;
      for (auto _ : state) registers = peak.run(kRounds);
      set_rate(state, registers);
    });
  }
  for (const ArithmeticPeak& peak : arithmetic_peaks()) {
    const std::string element = peak.name.substr(0, peak.name.find('/'));
    for (std::size_t dims : kDims) {
      const double registers = row_registers(element, dims);
      const auto steps = static_cast<std::size_t>(registers / peak.registers);
      if (peak.run(1, steps) == 0) continue;
      const std::string name = "peak/" + peak.name + "/" + std::to_string(dims);
      auto* run =
          benchmark::RegisterBenchmark(name.c_str(), [peak, steps](benchmark::State& state) {
            constexpr std::size_t kRounds = 1000;
            double rows = 0;
            for (auto _ : state) rows = peak.run(kRounds, steps);
            set_rate(state, rows);
          });
      run->MinTime(0.003);
    }
  }
  // Some machines read faster with prefetches, some without: the best counts.
  for (std::size_t ahead : {std::size_t{0}, std::size_t{2048}}) {
    benchmark::RegisterBenchmark("plain_read", [ahead](benchmark::State& state) {
      constexpr std::size_t kBytes = kStreamBytes - 8192;
      for (auto _ : state) plain_read(memory(), kBytes, ahead);
      set_rate(state, static_cast<double>(kBytes));
    });
  }
}

std::vector<Measure> all_measures() {
  std::vector<Measure> all = our_measures();
#if defined(DVECDB_PEER_FAISS)
  for (Measure& measure : faiss_measures()) all.push_back(std::move(measure));
#endif
#if defined(DVECDB_PEER_HNSWLIB)
  for (Measure& measure : hnswlib_measures()) all.push_back(std::move(measure));
#endif
  return all;
}

/// Takes --isa=NAME out of the arguments.
void choose_isa(std::vector<char*>& arguments) {
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (std::strncmp(arguments[i], "--isa=", 6) != 0) continue;
    const std::string wanted = arguments[i] + 6;
    arguments.erase(arguments.begin() + static_cast<std::ptrdiff_t>(i));
    for (core::Isa isa : core::supported_isas()) {
      if (wanted == core::isa_name(isa)) return core::override_isa(isa);
    }
    throw std::invalid_argument("--isa: this machine has no " + wanted);
  }
}

int run(int argc, char** argv) {
  // Interleaved repetitions, so that a busy moment does not fall on one side of a comparison.
  std::vector<std::string> defaults = {"--benchmark_repetitions=5", "--benchmark_min_time=0.03",
                                       "--benchmark_enable_random_interleaving=true"};
  std::vector<char*> arguments = {argv[0]};
  for (std::string& argument : defaults) arguments.push_back(argument.data());
  arguments.insert(arguments.end(), argv + 1, argv + argc);
  choose_isa(arguments);
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 1;

  const std::vector<Measure> measures = all_measures();
  add_peaks();
  const Measure calls = empty_calls();
  add_run(calls, "one", calls.one, kHotBytes);
  add_run(calls, "four", calls.four, kHotBytes);
  for (const Measure& measure : measures) {
    add_run(measure, "one", measure.one, kHotBytes);
    add_run(measure, "four", measure.four, kHotBytes);
    add_run(measure, "many", measure.many, kHotBytes);
    add_run(measure, "streaming", measure.many, kStreamBytes - 8192);
  }
  Results results;
  benchmark::RunSpecifiedBenchmarks(&results);
  std::printf("kernels: %s\n", core::isa_name(core::active_isa()));
  print_table(results, measures);
  print_targets(results, measures);
  return 0;
}

}  // namespace
}  // namespace dvecdb::bench

int main(int argc, char** argv) {
  try {
    return dvecdb::bench::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dvecdb_bench_kernels: %s\n", error.what());
    return 1;
  }
}
