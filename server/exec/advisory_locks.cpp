#include "server/exec/advisory_locks.h"

#include <algorithm>
#include <chrono>

namespace dvecdb::server::exec {

bool AdvisoryLocks::is_free(const Key& key, std::int32_t pid, bool shared) const {
  const auto found = holders_.find(key);
  if (found == holders_.end()) return true;
  return std::all_of(found->second.begin(), found->second.end(), [&](const Holder& holder) {
    return holder.pid == pid || (shared && holder.shared);
  });
}

bool AdvisoryLocks::take(const Key& key, std::int32_t pid, bool shared, bool waits,
                         const std::atomic<bool>& cancelled) {
  constexpr std::chrono::milliseconds cancel_interval{20};
  std::unique_lock lock(mutex_);
  while (!is_free(key, pid, shared)) {
    if (!waits || cancelled.load()) return false;
    freed_.wait_for(lock, cancel_interval);
  }
  holders_[key].push_back({pid, shared});
  return true;
}

bool AdvisoryLocks::release(const Key& key, std::int32_t pid, bool shared) {
  const std::lock_guard lock(mutex_);
  const auto found = holders_.find(key);
  if (found == holders_.end()) return false;
  std::vector<Holder>& holders = found->second;
  const auto mine = std::find_if(holders.begin(), holders.end(), [&](const Holder& holder) {
    return holder.pid == pid && holder.shared == shared;
  });
  if (mine == holders.end()) return false;
  holders.erase(mine);
  if (holders.empty()) holders_.erase(found);
  freed_.notify_all();
  return true;
}

void AdvisoryLocks::release_all(std::int32_t pid) {
  const std::lock_guard lock(mutex_);
  for (auto next = holders_.begin(); next != holders_.end();) {
    std::erase_if(next->second, [&](const Holder& holder) { return holder.pid == pid; });
    next = next->second.empty() ? holders_.erase(next) : std::next(next);
  }
  freed_.notify_all();
}

}  // namespace dvecdb::server::exec
