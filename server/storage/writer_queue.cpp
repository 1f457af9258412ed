#include "server/storage/writer_queue.h"

#include <algorithm>

#include "server/types/error.h"

namespace dvecdb::server::storage {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

using Clock = std::chrono::steady_clock;
// Nobody wakes a waiter when its session is cancelled: it looks for itself.
constexpr std::chrono::milliseconds cancel_check_interval{20};

bool is_cancelled(const WriteRequest& request) {
  return request.cancelled != nullptr && *request.cancelled;
}

bool is_late(const WriteRequest& request, Clock::time_point start) {
  return request.timeout.count() > 0 && Clock::now() - start >= request.timeout;
}

std::chrono::milliseconds wait_limit(const WriteRequest& request) {
  if (request.timeout.count() == 0) {
    return request.cancelled == nullptr ? std::chrono::milliseconds(0) : cancel_check_interval;
  }
  return std::min(request.timeout, cancel_check_interval);
}

}  // namespace

void WriterQueue::Waiter::give(Answer answer) {
  // Under the lock to the end: the waiter is gone as soon as it has the answer.
  const std::lock_guard lock(mutex_);
  answer_ = answer;
  answered_.notify_one();
}

WriterQueue::Waiter::Answer WriterQueue::Waiter::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  const auto is_answered = [this] { return answer_ != Answer::none; };
  if (limit.count() == 0) {
    answered_.wait(lock, is_answered);
  } else {
    answered_.wait_for(lock, limit, is_answered);
  }
  return answer_;
}

bool WriterQueue::acquire(Waiter& self, const WriteRequest& request) {
  {
    const std::lock_guard lock(mutex_);
    if (!held_) {
      held_ = true;
      return true;
    }
    self.is_queued_ = true;
    waiting_.push_back(&self);
  }
  const auto start = Clock::now();
  std::chrono::milliseconds limit = wait_limit(request);
  auto answer = Waiter::Answer::none;
  while (answer == Waiter::Answer::none) {
    const bool cancelled = is_cancelled(request);
    if ((cancelled || is_late(request, start)) && limit.count() > 0) {
      if (withdraw(self)) {
        throw cancelled
            ? SqlError(sqlstate::query_canceled, "canceling statement due to user request")
            : SqlError(sqlstate::lock_not_available, "canceling statement due to lock timeout");
      }
      limit = {};  // the answer is on its way
    }
    answer = self.wait(limit);
  }
  return answer == Waiter::Answer::has_turn;
}

// False: somebody has taken it already.
bool WriterQueue::withdraw(Waiter& self) {
  const std::lock_guard lock(mutex_);
  if (!self.is_queued_) return false;
  waiting_.remove(&self);
  return true;
}

WriterQueue::Waiter* WriterQueue::take_joining() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty() || waiting_.front()->kind_ != Kind::joining) return nullptr;
  Waiter* taken = waiting_.front();
  waiting_.pop_front();
  taken->is_queued_ = false;
  return taken;
}

void WriterQueue::release() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    held_ = false;
    return;
  }
  Waiter& next = *waiting_.front();
  waiting_.pop_front();
  next.is_queued_ = false;
  next.give(Waiter::Answer::has_turn);
}

}  // namespace dvecdb::server::storage
