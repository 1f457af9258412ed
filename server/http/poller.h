// Asks a question again and again on a thread of its own, so that those who want the answer need
// not wait for it: what the one who is asked is busy with keeps nobody waiting.
//
// Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "server/http/short_turns.h"

namespace dvecdb::server::http {

template <typename T>
class Poller {
 public:
  using Clock = std::chrono::steady_clock;
  using Source = std::function<T()>;

  explicit Poller(std::chrono::milliseconds period) : period_(period) {}
  ~Poller() { stop(); }
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  // Asks at once on the thread, and each period after an answer. Once.
  void start(Source source) {
    thread_ = std::thread([this, asks = std::move(source)] { run(asks); });
  }
  // The same, with one answer before it returns.
  void start_with_answer(Source source) {
    keep(source());
    start(std::move(source));
  }
  // Does not ask any more once it has returned: waits for an answer under way.
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
    }
    stopping_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  // Null before the first answer.
  std::shared_ptr<const T> latest() const {
    const std::lock_guard lock(mutex_);
    return answer_;
  }
  // How old the latest answer is; 0 before the first.
  std::chrono::milliseconds answer_age() const { return since(answered_); }
  // For how long the question under way has been waiting for its answer; 0: none is.
  std::chrono::milliseconds waiting_time() const { return since(asked_); }

 private:
  std::chrono::milliseconds since(const Clock::time_point& moment) const {
    const std::lock_guard lock(mutex_);
    if (moment == Clock::time_point()) return {};
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - moment);
  }

  void run(const Source& source) {
    take_short_turns();
    std::unique_lock lock(mutex_);
    do {
      asked_ = Clock::now();
      lock.unlock();
      keep(source());
      lock.lock();
      asked_ = {};
    } while (!stopping_.wait_for(lock, period_, [this] { return is_stopping_; }));
  }

  void keep(T value) {
    auto kept = std::make_shared<const T>(std::move(value));
    const std::lock_guard lock(mutex_);
    answer_.swap(kept);
    answered_ = Clock::now();
  }

  const std::chrono::milliseconds period_;
  mutable std::mutex mutex_;  // held for moments only
  std::shared_ptr<const T> answer_;
  Clock::time_point answered_;  // of the latest answer
  Clock::time_point asked_;     // the question under way; none: the epoch
  bool is_stopping_ = false;
  std::condition_variable stopping_;
  std::thread thread_;
};

}  // namespace dvecdb::server::http
