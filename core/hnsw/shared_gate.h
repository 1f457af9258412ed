#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <thread>

namespace dvecdb::core {

/// A reader-writer lock for very many short readers: each thread counts itself in on a cache line
/// of its own, so that readers on different cores do not slow each other down. Taking it
/// exclusively costs a visit to every line, and holds newcomers off until the present ones have
/// left. Not recursive: a thread inside must not enter again.
class SharedGate {
 public:
  void lock_shared() {
    std::atomic<int>& inside = mine();
    for (;;) {
      inside.fetch_add(1, std::memory_order_seq_cst);
      if (!closed_.load(std::memory_order_seq_cst)) return;
      inside.fetch_sub(1, std::memory_order_release);
      closed_.wait(true);
    }
  }
  void unlock_shared() { mine().fetch_sub(1, std::memory_order_release); }

  void lock() {
    exclusive_.lock();
    closed_.store(true, std::memory_order_seq_cst);
    for (Line& line : lines_) {
      while (line.inside.load(std::memory_order_seq_cst) != 0) std::this_thread::yield();
    }
  }
  void unlock() {
    closed_.store(false, std::memory_order_seq_cst);
    closed_.notify_all();
    exclusive_.unlock();
  }

 private:
  static constexpr std::size_t kLines = 64;
  struct alignas(64) Line {
    std::atomic<int> inside{0};
  };

  static std::size_t thread_number() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t number = next.fetch_add(1, std::memory_order_relaxed);
    return number;
  }
  std::atomic<int>& mine() { return lines_[thread_number() % kLines].inside; }

  std::array<Line, kLines> lines_;
  std::atomic<bool> closed_{false};
  std::mutex exclusive_;
};

}  // namespace dvecdb::core
