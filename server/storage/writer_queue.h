// The turn to write: one holder at a time, handed on in the order of asking. Knows nothing of what
// the holder does with it. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <list>
#include <mutex>

namespace dvecdb::server::storage {

struct WriteRequest {
  std::chrono::milliseconds timeout{0};          // 0: wait for ever; past it: 55P03
  const std::atomic<bool>* cancelled = nullptr;  // true while waiting: 57014
};

class WriterQueue {
 public:
  // `joining` asks for a turn within a transaction that others may share, `alone` for one of its
  // own.
  enum class Kind { joining, alone };

  // Waits for the turn. Throws SqlError when time is up or the request is cancelled.
  void acquire(Kind kind, const WriteRequest& request);
  // By the holder: gives the turn to the next in line if that one asks to join. False, and the
  // holder keeps the turn, when nobody waits or the next wants to be alone.
  bool pass_to_joining();
  // By the holder: gives the turn away.
  void release();

 private:
  struct Waiter {
    Kind kind;
    bool has_turn = false;
    std::condition_variable wake;
  };
  void wait_for_turn(std::unique_lock<std::mutex>& lock, Waiter& waiter,
                     const WriteRequest& request);
  void hand_to_front();

  std::mutex mutex_;
  bool held_ = false;
  std::list<Waiter> waiting_;
};

}  // namespace dvecdb::server::storage
