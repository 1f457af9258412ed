#include "extension/am/build/worker_pool.h"

#include <pthread.h>

#include <chrono>
#include <csignal>
#include <system_error>
#include <utility>

namespace dvecdb::extension {
namespace {

/// PostgreSQL's signal handlers are for its own thread: a thread that is started meanwhile inherits
/// that it receives none.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}  // namespace

WorkerPool::~WorkerPool() {
  {
    std::lock_guard lock(mutex_);
    is_ending_ = true;
    tasks_.clear();
  }
  submitted_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::start() {
  const SignalsBlocked blocked;
  while (threads_.size() < wanted_) {
    try {
      threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {  // no more to be had
      wanted_ = static_cast<unsigned>(threads_.size());
    }
  }
}

void WorkerPool::submit(Task task) {
  if (threads_.size() < wanted_) start();
  {
    std::lock_guard lock(mutex_);
    rethrow();
    tasks_.push_back(std::move(task));
  }
  submitted_.notify_one();
}

bool WorkerPool::is_full() {
  std::lock_guard lock(mutex_);
  return tasks_.size() > 2 * wanted_;
}

bool WorkerPool::help() {
  constexpr std::chrono::milliseconds kMoment{10};
  std::unique_lock lock(mutex_);
  if (!tasks_.empty() && !error_) {
    run_next(lock);
  } else if (running_ > 0) {
    finished_.wait_for(lock, kMoment);
  }
  rethrow();
  return !tasks_.empty() || running_ > 0;
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    submitted_.wait(lock, [this] { return is_ending_ || !tasks_.empty(); });
    if (is_ending_) return;
    run_next(lock);
  }
}

void WorkerPool::run_next(std::unique_lock<std::mutex>& lock) {
  Task task = std::move(tasks_.front());
  tasks_.pop_front();
  ++running_;
  lock.unlock();
  std::exception_ptr error;
  try {
    task();
    task = nullptr;  // with what it holds
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  --running_;
  if (error && !error_) {
    error_ = error;
    tasks_.clear();
  }
  finished_.notify_all();
}

void WorkerPool::rethrow() {
  if (error_) std::rethrow_exception(error_);
}

}  // namespace dvecdb::extension
