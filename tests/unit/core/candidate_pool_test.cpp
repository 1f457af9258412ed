#include "dvecdb/candidate_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace dvecdb::core {
namespace {

/// The same, as simply as can be.
struct PlainPool {
  struct Entry {
    float distance;
    std::uint32_t slot;
    bool is_expanded;
  };

  void insert(float distance, std::uint32_t slot, bool is_expanded) {
    const auto farther = std::find_if(entries.begin(), entries.end(),
                                      [&](const Entry& e) { return e.distance > distance; });
    entries.insert(farther, {distance, slot, is_expanded});
    if (entries.size() > capacity) entries.pop_back();
  }
  std::vector<Entry>::iterator next() {
    return std::find_if(entries.begin(), entries.end(),
                        [](const Entry& e) { return !e.is_expanded; });
  }

  std::size_t capacity;
  std::vector<Entry> entries;
};

void expect_equal(const CandidatePool& pool, const PlainPool& plain) {
  ASSERT_EQ(pool.size(), plain.entries.size());
  for (std::size_t i = 0; i < pool.size(); ++i) {
    ASSERT_EQ(pool[i].distance, plain.entries[i].distance) << "place " << i;
    ASSERT_EQ(pool[i].slot, plain.entries[i].slot) << "place " << i;
  }
  if (pool.size() == plain.capacity) {
    ASSERT_EQ(pool.threshold(), plain.entries.back().distance);
  }
}

TEST(CandidatePool, HoldsTheNearestInOrderAndSettlesThoseExpanded) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    std::mt19937 random(seed);
    PlainPool plain{1 + random() % 40, {}};
    CandidatePool pool;
    pool.reset(plain.capacity);
    std::uint32_t slot = 0;
    for (int step = 0; step < 400; ++step) {
      const auto distance = static_cast<float>(random() % 1000);
      if (random() % 3 > 0) {
        if (distance < pool.threshold()) {
          pool.insert(distance, slot);
          plain.insert(distance, slot, false);
          ++slot;
        }
      } else {
        const auto next = plain.next();
        const bool is_any = next != plain.entries.end();
        ASSERT_EQ(pool.peek().slot, is_any ? next->slot : kNoSlot);
        ASSERT_EQ(pool.pop(), is_any ? next->slot : kNoSlot);
        if (!is_any) continue;
        next->is_expanded = true;
        if (random() % 2 == 0) {
          const std::uint32_t popped = next->slot;
          plain.entries.erase(next);
          plain.insert(distance, popped, true);
          pool.settle_popped(distance);
        }
      }
      expect_equal(pool, plain);
    }
  }
}

/// Of the candidates from `first` on, whether the plain pool has one within the `rank` nearest.
bool has_within(const PlainPool& plain, std::uint32_t first, std::size_t rank) {
  for (std::size_t i = 0; i < std::min(rank, plain.entries.size()); ++i) {
    if (plain.entries[i].slot >= first) return true;
  }
  return false;
}

TEST(CandidatePool, WhatIsOfferedManyAtATimeIsAsIfItCameOneByOne) {
  for (unsigned seed = 0; seed < 30; ++seed) {
    std::mt19937 random(seed);
    PlainPool plain{1 + random() % 300, {}};
    CandidatePool pool;
    pool.reset(plain.capacity);
    const unsigned farthest = 1 + random() % 2000;
    std::uint32_t slot = 0;
    std::uint32_t first_since_pop = 0;
    for (int step = 0; step < 300; ++step) {
      std::vector<float> distances(random() % 40);
      std::vector<std::uint32_t> slots;
      for (float& distance : distances) {
        distance = static_cast<float>(random() % farthest);
        slots.push_back(slot);
        plain.insert(distance, slot++, false);
      }
      pool.offer(distances.data(), slots.data(), slots.size());
      const std::size_t rank = 1 + random() % plain.capacity;
      ASSERT_EQ(pool.came_within(rank), has_within(plain, first_since_pop, rank));
      if (random() % 16 == 0) pool.put_in_order();
      ASSERT_EQ(pool.came_within(rank), has_within(plain, first_since_pop, rank));
      for (std::size_t pops = random() % 12; pops > 0; --pops) {
        const auto next = plain.next();
        const bool is_any = next != plain.entries.end();
        ASSERT_EQ(pool.pop(), is_any ? next->slot : kNoSlot) << "seed " << seed;
        first_since_pop = slot;
        if (is_any) next->is_expanded = true;
        EXPECT_FALSE(pool.came_within(rank));
      }
      if (random() % 16 != 0) continue;
      pool.put_in_order();
      expect_equal(pool, plain);
    }
  }
}

TEST(CandidatePool, SettlingMakesRoom) {
  CandidatePool pool;
  pool.reset(2);
  pool.insert(1, 10);
  pool.insert(2, 20);
  EXPECT_EQ(pool.pop(), 10u);
  pool.settle_popped(5);
  EXPECT_EQ(pool.threshold(), 5);
  EXPECT_EQ(pool.insert(3, 30).slot & 0x7fffffffu, 10u);
  EXPECT_EQ(pool.pop(), 20u);
  EXPECT_EQ(pool.pop(), 30u);
  EXPECT_EQ(pool.pop(), kNoSlot);
}

}  // namespace
}  // namespace dvecdb::core
