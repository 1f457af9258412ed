// What the row store has done since the process began, for metrics: of all databases together, as
// SQLite's layer beneath files is one for all. Thread-safe; counting costs an addition.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace dvecdb::server::storage {

// How many took how long. Each bucket counts what took at most its bound and more than the one
// before; the last one, without a bound, the rest.
class DurationCounter {
 public:
  static constexpr std::array<double, 16> bounds = {
      0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025,
      0.005,   0.01,     0.025,   0.05,   0.1,     0.25,   1,     10};  // seconds
  struct Counts {
    std::array<std::uint64_t, bounds.size() + 1> buckets{};
    double seconds = 0;
  };

  void add(std::chrono::nanoseconds duration);
  Counts counts() const;

 private:
  std::array<std::atomic<std::uint64_t>, bounds.size() + 1> buckets_{};
  std::atomic<std::int64_t> nanoseconds_ = 0;
};

struct CacheCounter {
  std::atomic<std::uint64_t> hits = 0;
  std::atomic<std::uint64_t> misses = 0;
  void add(bool is_hit) { (is_hit ? hits : misses).fetch_add(1, std::memory_order_relaxed); }
};

struct StoreCounters {
  DurationCounter commits;  // a group's or a transaction's COMMIT, with its sync
  DurationCounter syncs;    // of log and row files
  CacheCounter statements;  // compiled statements of connections
  CacheCounter pages;       // of connections' own caches; mapped pages count in neither
};

StoreCounters& store_counters();

}  // namespace dvecdb::server::storage
