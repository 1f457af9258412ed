// Tells whoever works on a request that its client has left, so that nobody waits for the answer.
//
// Thread-safe. Shared by the connection, which tells, and the handler, which is told.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <utility>

namespace dvecdb::server::http {

class Departure {
 public:
  bool has_left() const { return has_left_; }

  // By the connection: from the moment when the client is seen to have left, again and again
  // until the handler ends. A handler between two steps would miss it once.
  void tell() {
    has_left_ = true;
    const std::lock_guard lock(mutex_);
    if (action_) action_();
  }

  // By the handler: what tell() calls on the connection's thread, so it must be short and not
  // throw. nullptr: nothing more; what was set before does not run when this returns.
  void on_leave(std::function<void()> action) {
    const std::lock_guard lock(mutex_);
    action_ = std::move(action);
  }

 private:
  std::atomic<bool> has_left_ = false;
  std::mutex mutex_;
  std::function<void()> action_;
};

}  // namespace dvecdb::server::http
