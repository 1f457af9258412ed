// Runs the same work on several threads.
#pragma once

#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace dvecdb::bench::ann {

/// work(0) ... work(threads - 1), each on a thread of its own (a single one on the caller's).
/// Throws the first exception after all have ended.
template <class Work>
void on_threads(int threads, Work&& work) {
  if (threads == 1) return work(0);
  std::exception_ptr failure;
  std::mutex failure_mutex;
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      try {
        work(t);
      } catch (...) {
        const std::lock_guard lock(failure_mutex);
        if (!failure) failure = std::current_exception();
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace dvecdb::bench::ann
