#include "server/exec/timers.h"

#include <algorithm>

namespace dvecdb::server::exec {

Timers::Timers() : thread_([this] { run(); }) {}

Timers::~Timers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::uint64_t Timers::start(std::chrono::milliseconds delay, std::function<void()> action) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t id = ++last_id_;
  pending_.emplace(Clock::now() + delay, Timer{id, std::move(action)});
  wake_.notify_all();
  return id;
}

void Timers::stop(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(pending_.begin(), pending_.end(),
                                  [id](const auto& entry) { return entry.second.id == id; });
  if (found != pending_.end()) pending_.erase(found);
}

void Timers::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (pending_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const auto next = pending_.begin();
    if (next->first > Clock::now()) {
      const Clock::time_point due = next->first;
      wake_.wait_until(lock, due);
      continue;
    }
    // Under the lock, so that stop() can promise that nothing runs after it.
    next->second.action();
    pending_.erase(next);
  }
}

}  // namespace dvecdb::server::exec
