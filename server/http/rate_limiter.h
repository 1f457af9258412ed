// So many requests a second for each key: a bucket of tokens each, which fills at that rate and
// holds one second's worth, one token at least. Thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace dvecdb::server::http {

class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  // 0: no limit. More keys than `max_keys` at once share one bucket.
  explicit RateLimiter(double requests_per_second, std::size_t max_keys = 10000);

  // Takes a token; without one, the seconds (at least 1) after which there is one.
  std::optional<int> take(const std::string& key, Clock::time_point now = Clock::now());

 private:
  struct Bucket {
    double tokens = 0;
    Clock::time_point filled;
  };
  Bucket& bucket(const std::string& key, Clock::time_point now);
  double tokens_of(const Bucket& bucket, Clock::time_point now) const;

  const double rate_;
  const double capacity_;
  const std::size_t max_keys_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace dvecdb::server::http
