// How long calls took, and what of that is reported. Not thread-safe.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <vector>

namespace dvecdb::bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Latencies {
 public:
  void add(double milliseconds) { milliseconds_.push_back(milliseconds); }
  void add(const Latencies& other) {
    milliseconds_.insert(milliseconds_.end(), other.milliseconds_.begin(),
                         other.milliseconds_.end());
  }
  template <typename Work>
  void time(Work&& work) {
    const auto start = Clock::now();
    work();
    add(1000 * seconds_since(start));
  }

  const std::vector<double>& values() const { return milliseconds_; }
  std::size_t count() const { return milliseconds_.size(); }
  // 0.5: the median; 1: the worst.
  double percentile(double share) {
    if (milliseconds_.empty()) return 0;
    std::sort(milliseconds_.begin(), milliseconds_.end());
    return milliseconds_[static_cast<std::size_t>(share * static_cast<double>(count() - 1))];
  }

 private:
  std::vector<double> milliseconds_;
};

}  // namespace dvecdb::bench
