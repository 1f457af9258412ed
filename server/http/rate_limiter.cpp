#include "server/http/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace dvecdb::server::http {

RateLimiter::RateLimiter(double requests_per_second, std::size_t max_keys)
    : rate_(requests_per_second),
      capacity_(std::max(1.0, requests_per_second)),
      max_keys_(max_keys) {}

std::optional<int> RateLimiter::take(const std::string& key, Clock::time_point now) {
  if (rate_ <= 0) return std::nullopt;
  const std::lock_guard lock(mutex_);
  Bucket& found = bucket(key, now);
  found.tokens = tokens_of(found, now);
  found.filled = now;
  if (found.tokens < 1) return static_cast<int>(std::ceil((1 - found.tokens) / rate_));
  found.tokens -= 1;
  return std::nullopt;
}

RateLimiter::Bucket& RateLimiter::bucket(const std::string& key, Clock::time_point now) {
  if (buckets_.size() >= max_keys_ && !buckets_.contains(key)) {
    // A full bucket is as good as none.
    std::erase_if(buckets_,
                  [&](const auto& entry) { return tokens_of(entry.second, now) >= capacity_; });
  }
  const bool is_crowded = buckets_.size() >= max_keys_ && !buckets_.contains(key);
  return buckets_.try_emplace(is_crowded ? std::string() : key, Bucket{capacity_, now})
      .first->second;
}

double RateLimiter::tokens_of(const Bucket& bucket, Clock::time_point now) const {
  const std::chrono::duration<double> passed = now - bucket.filled;
  return std::min(capacity_, bucket.tokens + passed.count() * rate_);
}

}  // namespace dvecdb::server::http
