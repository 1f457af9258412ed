#include "server/storage/writer_queue.h"

#include <algorithm>

#include "server/types/error.h"

namespace dvecdb::server::storage {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

using Clock = std::chrono::steady_clock;
// Nobody wakes a waiter when its session is cancelled: it looks for itself.
constexpr std::chrono::milliseconds cancel_check_interval{10};

void throw_if_given_up(const WriteRequest& request, Clock::time_point start) {
  if (request.cancelled != nullptr && *request.cancelled) {
    throw SqlError(sqlstate::query_canceled, "canceling statement due to user request");
  }
  if (request.timeout.count() > 0 && Clock::now() - start >= request.timeout) {
    throw SqlError(sqlstate::lock_not_available, "canceling statement due to lock timeout");
  }
}

}  // namespace

void WriterQueue::acquire(Kind kind, const WriteRequest& request) {
  std::unique_lock lock(mutex_);
  if (!held_) {
    held_ = true;
    return;
  }
  waiting_.emplace_back();
  const auto self = std::prev(waiting_.end());
  self->kind = kind;
  struct Leave {
    std::list<Waiter>& list;
    std::list<Waiter>::iterator self;
    ~Leave() { list.erase(self); }
  };
  const Leave leave{waiting_, self};  // under the lock, whether with the turn or without
  wait_for_turn(lock, *self, request);
}

void WriterQueue::wait_for_turn(std::unique_lock<std::mutex>& lock, Waiter& waiter,
                                const WriteRequest& request) {
  const auto start = Clock::now();
  const bool can_give_up = request.cancelled != nullptr || request.timeout.count() > 0;
  while (!waiter.has_turn) {
    if (!can_give_up) {
      waiter.wake.wait(lock);
      continue;
    }
    throw_if_given_up(request, start);
    waiter.wake.wait_for(lock, cancel_check_interval);
  }
}

bool WriterQueue::pass_to_joining() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty() || waiting_.front().kind != Kind::joining) return false;
  hand_to_front();
  return true;
}

void WriterQueue::release() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    held_ = false;
  } else {
    hand_to_front();
  }
}

void WriterQueue::hand_to_front() {
  waiting_.front().has_turn = true;
  waiting_.front().wake.notify_one();
}

}  // namespace dvecdb::server::storage
