// The turn to write: one holder at a time, handed on in the order of asking. Whoever holds it may
// also take over the work of those next in line, who then need no turn of their own. Knows nothing
// of what the work is. Thread-safe.
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
  // `joining` lets a holder do the work, `alone` wants the turn itself.
  enum class Kind { joining, alone };

  // One who asks; lives on the stack of the thread that waits.
  class Waiter {
   public:
    explicit Waiter(Kind kind) : kind_(kind) {}
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

   private:
    friend class WriterQueue;
    enum class Answer { none, has_turn, is_done };
    void give(Answer answer);
    // Waits for an answer, `limit` at most when it is not zero.
    Answer wait(std::chrono::milliseconds limit);

    const Kind kind_;
    bool is_queued_ = false;  // guarded by the queue's mutex
    std::mutex mutex_;        // each has its own, so that those woken together do not meet at one
    std::condition_variable answered_;
    Answer answer_ = Answer::none;
  };

  // True: the caller has the turn. False: a holder took the waiter and is done with it. Throws
  // SqlError when time is up or the request is cancelled before either.
  bool acquire(Waiter& self, const WriteRequest& request);
  // By the holder: takes the next in line if that one is joining; nullptr when nobody waits or the
  // next wants to be alone. The waiter waits until done(), which every taken one must get.
  Waiter* take_joining();
  static void done(Waiter& taken) { taken.give(Waiter::Answer::is_done); }
  // By the holder: gives the turn away.
  void release();

 private:
  bool withdraw(Waiter& self);

  std::mutex mutex_;
  bool held_ = false;
  std::list<Waiter*> waiting_;
};

}  // namespace dvecdb::server::storage
