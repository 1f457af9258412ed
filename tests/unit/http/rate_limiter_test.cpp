#include "server/http/rate_limiter.h"

#include <gtest/gtest.h>

namespace dvecdb::server::http {
namespace {

using namespace std::chrono_literals;

TEST(RateLimiter, FillsAtItsRate) {
  RateLimiter limiter(2);
  const RateLimiter::Clock::time_point start{};
  EXPECT_FALSE(limiter.take("a", start));
  EXPECT_FALSE(limiter.take("a", start));
  EXPECT_EQ(limiter.take("a", start), 1);
  EXPECT_FALSE(limiter.take("b", start));
  EXPECT_FALSE(limiter.take("a", start + 500ms));
  EXPECT_EQ(limiter.take("a", start + 500ms), 1);
  // It holds one second's worth, however long nobody asks.
  EXPECT_FALSE(limiter.take("a", start + 1h));
  EXPECT_FALSE(limiter.take("a", start + 1h));
  EXPECT_TRUE(limiter.take("a", start + 1h));
}

TEST(RateLimiter, TellsHowLongToWait) {
  RateLimiter limiter(0.25);
  const RateLimiter::Clock::time_point start{};
  EXPECT_FALSE(limiter.take("a", start));
  EXPECT_EQ(limiter.take("a", start), 4);
  EXPECT_EQ(limiter.take("a", start + 3s), 1);
}

TEST(RateLimiter, ZeroIsNoLimit) {
  RateLimiter limiter(0);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(limiter.take("a", {}));
}

// Many keys cost no memory without end and are no way around the limit.
TEST(RateLimiter, TooManyKeysShareABucket) {
  RateLimiter limiter(1, 2);
  const RateLimiter::Clock::time_point start{};
  EXPECT_FALSE(limiter.take("a", start));
  EXPECT_FALSE(limiter.take("b", start));
  EXPECT_FALSE(limiter.take("c", start));
  EXPECT_TRUE(limiter.take("d", start));
  // Those that are full again make room.
  EXPECT_FALSE(limiter.take("e", start + 2s));
  EXPECT_FALSE(limiter.take("f", start + 2s));
}

}  // namespace
}  // namespace dvecdb::server::http
