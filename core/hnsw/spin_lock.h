#pragma once

#include <atomic>
#include <thread>

namespace dvecdb::core {

/// One byte, for sections of about a microsecond.
class SpinLock {
 public:
  void lock() {
    for (int tries = 0; flag_.exchange(true, std::memory_order_acquire); ++tries) {
      if (tries > 100) std::this_thread::yield();
    }
  }
  void unlock() { flag_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> flag_{false};
};

}  // namespace dvecdb::core
