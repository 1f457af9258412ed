#include "server/http/status_monitor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>

namespace dvecdb::server::http {
namespace {

using namespace std::chrono_literals;

exec::EngineStatus ready_with(std::int64_t vectors) {
  exec::EngineStatus status;
  status.is_ready = true;
  status.vectors = vectors;
  return status;
}

void wait_until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::sleep_for(1ms);
  }
}

TEST(StatusMonitor, StartsFollowsAndStops) {
  StatusMonitor monitor;
  EXPECT_FALSE(monitor.latest().is_ready);
  EXPECT_EQ(monitor.latest().not_ready_reason, "starting");

  std::atomic<std::int64_t> vectors = 1;
  monitor.watch([&] { return ready_with(vectors); });
  EXPECT_TRUE(monitor.latest().is_ready);
  EXPECT_EQ(monitor.latest().vectors, 1);
  vectors = 2;
  wait_until([&] { return monitor.latest().vectors == 2; });

  monitor.stop("shutting down");
  EXPECT_FALSE(monitor.latest().is_ready);
  EXPECT_EQ(monitor.latest().not_ready_reason, "shutting down");
  EXPECT_EQ(monitor.latest().vectors, 2);
}

TEST(StatusMonitor, AnEngineThatHangsIsNotReady) {
  StatusMonitor monitor(50ms);
  std::promise<void> go_on;
  std::shared_future<void> hanging = go_on.get_future().share();
  std::atomic<int> asked = 0;
  monitor.watch([&] {
    if (asked++ > 0) hanging.wait();
    return ready_with(7);
  });
  EXPECT_TRUE(monitor.latest().is_ready);
  wait_until([&] { return !monitor.latest().is_ready; });
  EXPECT_EQ(monitor.latest().not_ready_reason, "the engine does not answer");
  EXPECT_EQ(monitor.latest().vectors, 7);
  go_on.set_value();
  wait_until([&] { return monitor.latest().is_ready; });
}

}  // namespace
}  // namespace dvecdb::server::http
