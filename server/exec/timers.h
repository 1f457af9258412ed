// Calls functions when their time has come: statement_timeout. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace dvecdb::server::exec {

class Timers {
 public:
  using Clock = std::chrono::steady_clock;

  Timers();
  ~Timers();

  // `action` runs on the timers' thread and must be short. The result names the timer.
  std::uint64_t start(std::chrono::milliseconds delay, std::function<void()> action);
  // After it returns, the action does not run any more.
  void stop(std::uint64_t id);

 private:
  struct Timer {
    std::uint64_t id = 0;
    std::function<void()> action;
  };
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::multimap<Clock::time_point, Timer> pending_;
  std::uint64_t last_id_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace dvecdb::server::exec
