#include "server/http/status_monitor.h"

namespace dvecdb::server::http {

namespace {

constexpr std::chrono::milliseconds period{100};

exec::EngineStatus not_ready(exec::EngineStatus status, const std::string& reason) {
  status.is_ready = false;
  status.not_ready_reason = reason;
  return status;
}

}  // namespace

StatusMonitor::StatusMonitor(std::chrono::milliseconds patience)
    : patience_(patience), poller_(period) {}

void StatusMonitor::stop(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    final_reason_ = reason;
  }
  poller_.stop();
}

exec::EngineStatus StatusMonitor::latest() const {
  const auto status = poller_.latest();
  const std::lock_guard lock(mutex_);
  if (final_reason_) return not_ready(status ? *status : exec::EngineStatus(), *final_reason_);
  if (!status) return not_ready({}, "starting");
  const bool is_late = poller_.answer_age() > patience_ + period;
  return is_late ? not_ready(*status, "the engine does not answer") : *status;
}

}  // namespace dvecdb::server::http
