// Asks the engine how it is, again and again, so that a probe need not: what the engine is busy
// with keeps no probe waiting.
//
// Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "server/exec/engine.h"

namespace dvecdb::server::http {

class StatusMonitor {
 public:
  using Source = std::function<exec::EngineStatus()>;

  // An engine that takes longer than `patience` to answer is not ready.
  explicit StatusMonitor(std::chrono::milliseconds patience = std::chrono::seconds(5));
  ~StatusMonitor();

  // Asks once before it returns, and ten times a second from then on, on a thread of its own.
  void watch(Source source);
  // Does not ask any more once it has returned; from now on the engine is not ready for `reason`.
  void stop(const std::string& reason);

  // The last answer, at most a moment old. Before watch(): not ready, "starting".
  exec::EngineStatus latest() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Answer {
    exec::EngineStatus status;
    Clock::time_point time;
    bool is_final = false;
  };

  void run(const Source& source);
  void keep(Answer answer);

  const std::chrono::milliseconds patience_;
  mutable std::mutex mutex_;  // held for moments only
  std::shared_ptr<const Answer> answer_;
  bool is_stopping_ = false;
  std::condition_variable stopping_;
  std::thread thread_;
};

}  // namespace dvecdb::server::http
