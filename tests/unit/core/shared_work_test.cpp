#include "core/hnsw/shared_work.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

namespace dvecdb::core {
namespace {

TEST(SharedWork, DoesEachItemOnceWhoeverHelps) {
  constexpr std::uint32_t kItems = 10000;
  SharedWork shared;
  for (int round = 0; round < 20; ++round) {
    std::vector<std::atomic<int>> done(kItems);
    std::optional<SharedWork::Announced> announced(shared);
    std::vector<std::thread> helpers;
    for (int i = 0; i < 3; ++i) helpers.emplace_back([&] { shared.help(); });
    announced->run(kItems, [&](std::uint32_t first, std::uint32_t end) {
      for (std::uint32_t i = first; i < end; ++i) ++done[i];
    });
    for (const std::atomic<int>& times : done) ASSERT_EQ(times, 1);
    announced.reset();
    for (std::thread& helper : helpers) helper.join();
  }
}

TEST(SharedWork, NobodyWaitsForWorkThatDoesNotCome) {
  SharedWork shared;
  shared.help();
  std::optional<SharedWork::Announced> announced(shared);
  std::thread helper([&] { shared.help(); });
  announced.reset();
  helper.join();
}

}  // namespace
}  // namespace dvecdb::core
