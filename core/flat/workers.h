#pragma once

#include <atomic>
#include <cstddef>
#include <future>
#include <system_error>
#include <vector>

namespace dvecdb::core {

/// Hands out 0 .. count-1, each once, to whichever thread asks next.
class WorkList {
 public:
  explicit WorkList(std::size_t count) : count_(count) {}

  /// False when nothing is left.
  bool take(std::size_t& item) {
    item = next_.fetch_add(1, std::memory_order_relaxed);
    return item < count_;
  }

 private:
  std::size_t count_;
  std::atomic<std::size_t> next_{0};
};

/// Calls work(0) .. work(threads - 1) at once, the first on the caller's thread, and waits for all.
/// Where the system gives fewer threads the later ones are not called: the calls share a list of
/// what is to do. Rethrows what a call throws.
template <class Work>
void work_on_threads(std::size_t threads, const Work& work) {
  std::vector<std::future<void>> helpers;
  helpers.reserve(threads);
  try {
    for (std::size_t i = 1; i < threads; ++i) {
      helpers.push_back(std::async(std::launch::async, work, i));
    }
  } catch (const std::system_error&) {
    // Those that are there do it all.
  }
  work(std::size_t{0});
  for (std::future<void>& helper : helpers) helper.get();
}

}  // namespace dvecdb::core
