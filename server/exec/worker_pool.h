// Threads that run statements, so that the network's threads never wait for one. A thread is made
// when a task finds none free, up to the limit; beyond it tasks queue. Each has the stack that
// the parser needs (query::parse_stack_bytes; reserved address space, not memory).
//
// Thread-safe. The destructor runs what is queued and joins.
#pragma once

#include <pthread.h>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <vector>

namespace dvecdb::server::exec {

class WorkerPool {
 public:
  explicit WorkerPool(std::size_t max_threads) : max_threads_(max_threads) {}
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  void post(std::function<void()> task);

 private:
  static void* thread_main(void* pool);
  void work();
  bool start_thread();

  const std::size_t max_threads_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::vector<pthread_t> threads_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

}  // namespace dvecdb::server::exec
