// Asks the engine how it is, again and again, so that a probe need not: what the engine is busy
// with keeps no probe waiting.
//
// Thread-safe.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "server/exec/engine.h"
#include "server/http/poller.h"

namespace dvecdb::server::http {

class StatusMonitor {
 public:
  using Source = Poller<exec::EngineStatus>::Source;

  // An engine that takes longer than `patience` to answer is not ready.
  explicit StatusMonitor(std::chrono::milliseconds patience = std::chrono::seconds(5));

  // Asks once before it returns, and ten times a second from then on, on a thread of its own.
  void watch(Source source) { poller_.start_with_answer(std::move(source)); }
  // Does not ask any more once it has returned; from now on the engine is not ready for `reason`.
  void stop(const std::string& reason);

  // The last answer, at most a moment old. Before watch(): not ready, "starting".
  exec::EngineStatus latest() const;

 private:
  const std::chrono::milliseconds patience_;
  mutable std::mutex mutex_;
  std::optional<std::string> final_reason_;
  Poller<exec::EngineStatus> poller_;
};

}  // namespace dvecdb::server::http
