#include "server/storage/commit_gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace dvecdb::server::storage {
namespace {

TEST(CommitGate, CommitsPassTogether) {
  CommitGate gate;
  const CommitGate::Pass one(gate);
  const CommitGate::Pass other(gate);  // would wait for ever
}

TEST(CommitGate, NobodyPassesWhileItIsClosed) {
  CommitGate gate;
  std::atomic<int> passing = 0;
  std::atomic<bool> is_stopping = false;
  std::vector<std::thread> committers;
  for (int i = 0; i < 4; ++i) {
    committers.emplace_back([&] {
      while (!is_stopping) {
        const CommitGate::Pass pass(gate);
        ++passing;
        --passing;
      }
    });
  }
  for (int round = 0; round < 200; ++round) {
    const CommitGate::Closed closed(gate);
    for (int look = 0; look < 50; ++look) ASSERT_EQ(passing, 0);
  }
  is_stopping = true;
  for (std::thread& committer : committers) committer.join();
}

TEST(CommitGate, ItClosesOnceThoseUnderWayHavePassed) {
  CommitGate gate;
  std::optional<CommitGate::Pass> pass(std::in_place, gate);
  std::atomic<bool> is_closed = false;
  std::thread closer([&] {
    const CommitGate::Closed closed(gate);
    is_closed = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(is_closed);
  pass.reset();
  closer.join();
  EXPECT_TRUE(is_closed);
}

}  // namespace
}  // namespace dvecdb::server::storage
