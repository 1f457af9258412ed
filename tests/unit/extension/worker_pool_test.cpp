#include "extension/am/build/worker_pool.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <new>
#include <thread>

namespace dvecdb::extension {
namespace {

void finish(WorkerPool& pool) {
  while (pool.help()) {
  }
}

TEST(WorkerPool, RunsEveryTaskWithAnyNumberOfThreads) {
  for (const unsigned threads : {0u, 1u, 3u}) {
    WorkerPool pool(threads);
    std::atomic<int> sum{0};
    for (int i = 1; i <= 100; ++i) pool.submit([&sum, i] { sum += i; });
    finish(pool);
    EXPECT_EQ(sum, 5050) << threads << " threads";
  }
}

TEST(WorkerPool, TasksOfWorkersReceiveNoSignals) {
  WorkerPool pool(2);
  std::atomic<int> unblocked{0};
  std::atomic<int> ran{0};
  const pthread_t owner = pthread_self();
  for (int i = 0; i < 200; ++i) {
    pool.submit([&] {
      if (pthread_equal(owner, pthread_self()) != 0) return;
      sigset_t blocked;
      pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
      unblocked += sigismember(&blocked, SIGUSR1) == 0 || sigismember(&blocked, SIGTERM) == 0;
      ++ran;
    });
  }
  while (ran == 0) std::this_thread::yield();
  finish(pool);
  EXPECT_EQ(unblocked, 0);
  sigset_t blocked;
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  EXPECT_EQ(sigismember(&blocked, SIGUSR1), 0) << "the owner receives them as before";
}

TEST(WorkerPool, HandsExceptionsToItsOwner) {
  for (const unsigned threads : {0u, 2u}) {
    WorkerPool pool(threads);
    std::atomic<int> after{0};
    pool.submit([] { throw std::bad_alloc(); });
    EXPECT_THROW(finish(pool), std::bad_alloc);
    EXPECT_THROW(pool.submit([&] { ++after; }), std::bad_alloc) << "and takes no more";
    EXPECT_EQ(after, 0);
  }
}

TEST(WorkerPool, EndsWithoutTheTasksThatWait) {
  std::atomic<bool> may_end{false};
  std::atomic<int> started{0};
  {
    WorkerPool pool(1);
    for (int i = 0; i < 50; ++i) {
      pool.submit([&] {
        ++started;
        while (!may_end) std::this_thread::yield();
      });
    }
    while (started == 0) std::this_thread::yield();
    EXPECT_TRUE(pool.is_full());
    std::thread later([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      may_end = true;
    });
    later.detach();
  }
  EXPECT_LT(started, 50);
}

TEST(WorkerPool, WithoutTasksHasNothingToDo) {
  WorkerPool pool(4);
  EXPECT_FALSE(pool.help());
  EXPECT_FALSE(pool.is_full());
}

}  // namespace
}  // namespace dvecdb::extension
