#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace dvecdb::extension {

/// Threads that compute for a backend. They never call PostgreSQL, receive no signals, and hand
/// exceptions back. They start with the first task, so a pool that gets none costs nothing.
///
/// For one owner's thread; tasks run on any, on the owner's too. May throw what tasks throw.
class WorkerPool {
 public:
  using Task = std::function<void()>;

  /// `threads` besides the owner's; with fewer if the system gives no more.
  explicit WorkerPool(unsigned threads) : wanted_(threads) {}
  /// Drops the tasks that wait, and waits for those that run.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void submit(Task task);

  /// Whether there is enough to do for now.
  bool is_full();

  /// Runs a waiting task in the owner's thread; if none waits, gives those that run a moment. False
  /// when nothing waits or runs any more. Calls take no longer than a task, so that their caller
  /// can look for interrupts in between.
  bool help();

 private:
  void start();
  void work();
  void run_next(std::unique_lock<std::mutex>& lock);
  void rethrow();

  unsigned wanted_;
  std::mutex mutex_;
  std::condition_variable submitted_;
  std::condition_variable finished_;
  std::deque<Task> tasks_;
  unsigned running_ = 0;
  bool is_ending_ = false;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

}  // namespace dvecdb::extension
