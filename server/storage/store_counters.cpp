#include "server/storage/store_counters.h"

#include <algorithm>

namespace dvecdb::server::storage {

void DurationCounter::add(std::chrono::nanoseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
  buckets_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  nanoseconds_.fetch_add(duration.count(), std::memory_order_relaxed);
}

DurationCounter::Counts DurationCounter::counts() const {
  Counts counts;
  for (std::size_t i = 0; i < buckets_.size(); ++i) counts.buckets[i] = buckets_[i];
  counts.seconds = static_cast<double>(nanoseconds_) / 1e9;
  return counts;
}

StoreCounters& store_counters() {
  static StoreCounters counters;
  return counters;
}

}  // namespace dvecdb::server::storage
