#include "server/http/status_monitor.h"

#include <utility>

#include "server/http/short_turns.h"

namespace dvecdb::server::http {

namespace {

constexpr std::chrono::milliseconds period{100};

}  // namespace

StatusMonitor::StatusMonitor(std::chrono::milliseconds patience) : patience_(patience) {
  Answer answer;
  answer.status.not_ready_reason = "starting";
  answer.is_final = true;
  keep(std::move(answer));
}

StatusMonitor::~StatusMonitor() {
  stop("stopped");
}

void StatusMonitor::watch(Source source) {
  keep({source(), Clock::now()});
  thread_ = std::thread([this, asks = std::move(source)] { run(asks); });
}

void StatusMonitor::run(const Source& source) {
  take_short_turns();
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, period, [this] { return is_stopping_; })) {
    lock.unlock();
    keep({source(), Clock::now()});
    lock.lock();
  }
}

void StatusMonitor::stop(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stopping_.notify_all();
  if (thread_.joinable()) thread_.join();
  Answer answer{latest(), Clock::now(), true};
  answer.status.is_ready = false;
  answer.status.not_ready_reason = reason;
  keep(std::move(answer));
}

void StatusMonitor::keep(Answer answer) {
  auto kept = std::make_shared<const Answer>(std::move(answer));
  const std::lock_guard lock(mutex_);
  answer_.swap(kept);
}

exec::EngineStatus StatusMonitor::latest() const {
  std::shared_ptr<const Answer> answer;
  {
    const std::lock_guard lock(mutex_);
    answer = answer_;
  }
  exec::EngineStatus status = answer->status;
  if (!answer->is_final && Clock::now() - answer->time > patience_ + period) {
    status.is_ready = false;
    status.not_ready_reason = "the engine does not answer";
  }
  return status;
}

}  // namespace dvecdb::server::http
