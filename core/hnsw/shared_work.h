#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace dvecdb::core {

/// Work on many items that one thread has to see done and that others, which would only wait for
/// it, can join. The first announces it, so that others wait for it to begin, then runs it. The
/// work must not throw.
class SharedWork {
 public:
  /// Does the items from `first` up to `end`.
  using Work = std::function<void(std::uint32_t first, std::uint32_t end)>;

  /// Work is coming, as long as it lives: run() may be called once.
  class Announced {
   public:
    explicit Announced(SharedWork& shared) : shared_(shared) {
      std::lock_guard lock(shared_.mutex_);
      shared_.is_coming_ = true;
    }
    ~Announced() { shared_.end(); }
    Announced(const Announced&) = delete;
    Announced& operator=(const Announced&) = delete;

    /// Does all items below `count`, together with those who help. Returns when all are done.
    void run(std::uint32_t count, const Work& work) {
      {
        std::lock_guard lock(shared_.mutex_);
        shared_.work_ = &work;
        shared_.count_ = count;
        shared_.next_ = 0;
      }
      shared_.changed_.notify_all();
      shared_.do_some(work);
      shared_.end();
    }

   private:
    SharedWork& shared_;
  };

  /// Waits for work that is announced and takes its share; returns when none is left.
  void help() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !is_coming_ || work_ != nullptr; });
    if (work_ == nullptr) return;
    const Work& work = *work_;
    ++helpers_;
    lock.unlock();
    do_some(work);
    lock.lock();
    if (--helpers_ == 0) changed_.notify_all();
  }

 private:
  static constexpr std::uint32_t kAtOnce = 16;

  void do_some(const Work& work) {
    for (;;) {
      const std::uint32_t first = next_.fetch_add(kAtOnce, std::memory_order_relaxed);
      if (first >= count_) return;
      work(first, std::min(first + kAtOnce, count_));
    }
  }

  /// Nobody comes any more; waits for those who are there.
  void end() {
    std::unique_lock lock(mutex_);
    is_coming_ = false;
    work_ = nullptr;
    changed_.notify_all();
    changed_.wait(lock, [&] { return helpers_ == 0; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_coming_ = false;
  const Work* work_ = nullptr;
  std::uint32_t count_ = 0;
  std::atomic<std::uint32_t> next_{0};
  int helpers_ = 0;
};

}  // namespace dvecdb::core
