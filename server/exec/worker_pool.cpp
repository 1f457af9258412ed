#include "server/exec/worker_pool.h"

#include <system_error>
#include <utility>

#include "server/query/parse.h"

namespace dvecdb::server::exec {

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (const pthread_t thread : threads_) pthread_join(thread, nullptr);
}

void WorkerPool::post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
  if (tasks_.size() > idle_ && threads_.size() < max_threads_) {
    if (!start_thread() && threads_.empty()) {
      throw std::system_error(errno, std::generic_category(), "cannot start a worker thread");
    }
  }
  wake_.notify_one();
}

bool WorkerPool::start_thread() {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, query::parse_stack_bytes);
  pthread_t thread{};
  const int error = pthread_create(&thread, &attributes, thread_main, this);
  pthread_attr_destroy(&attributes);
  if (error != 0) return false;
  threads_.push_back(thread);
  return true;
}

void* WorkerPool::thread_main(void* pool) {
  static_cast<WorkerPool*>(pool)->work();
  return nullptr;
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    --idle_;
    if (tasks_.empty()) return;
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
    lock.lock();
  }
}

}  // namespace dvecdb::server::exec
