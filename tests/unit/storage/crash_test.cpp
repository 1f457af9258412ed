// A process that writes is killed at a random moment, again and again. What it was told to be
// committed must be there, once; what it was told to be deleted must not; and the index must
// agree with the rows.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <map>
#include <thread>

#include "tests/unit/storage/vector_table.h"

namespace dvecdb::server::storage {
namespace {

struct Report {
  enum Kind : std::int64_t { inserting, inserted, deleting, deleted } kind;
  std::int64_t id;
};

constexpr int writers = 4;
constexpr int rounds = 10;

void report(int pipe, Report::Kind kind, std::int64_t id) {
  const Report message{kind, id};
  if (::write(pipe, &message, sizeof message) != sizeof message) _exit(2);
}

void write_until_killed(VectorTable& table, int pipe, int round, int writer) {
  std::mt19937 random(static_cast<unsigned>(round * writers + writer));
  std::normal_distribution<float> normal;
  for (std::int64_t n = 0;; ++n) {
    const std::int64_t id = (static_cast<std::int64_t>(round) * writers + writer) * 1000000 + n;
    Vector vector(8);
    for (float& element : vector) element = normal(random);
    report(pipe, Report::inserting, id);
    table.database().run_grouped({}, [&](Connection& connection) {
      VectorTable::put(connection, id, Value::blob(stored(vector)));
    });
    report(pipe, Report::inserted, id);
    if (n % 3 != 0) continue;
    report(pipe, Report::deleting, id);
    table.database().run_grouped(
        {}, [&](Connection& connection) { VectorTable::remove(connection, id); });
    report(pipe, Report::deleted, id);
  }
}

[[noreturn]] void run_victim(const std::string& folder, int pipe, int round) {
  VectorTable table(folder);
  if (!table.has_index()) table.create_index();
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    threads.emplace_back([&, writer] { write_until_killed(table, pipe, round, writer); });
  }
  while (true) {
    table.indexes().checkpoint();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

// The reports of one victim, which lives for about that long.
std::vector<Report> run_and_kill(const std::string& folder, int round,
                                 std::chrono::milliseconds life) {
  int pipe[2];
  EXPECT_EQ(::pipe(pipe), 0);
  const pid_t victim = ::fork();
  if (victim == 0) {
    ::close(pipe[0]);
    run_victim(folder, pipe[1], round);
  }
  ::close(pipe[1]);
  std::thread killer([&] {
    std::this_thread::sleep_for(life);
    ::kill(victim, SIGKILL);
  });
  std::vector<Report> reports;
  Report message;
  while (::read(pipe[0], &message, sizeof message) == sizeof message) reports.push_back(message);
  ::close(pipe[0]);
  killer.join();
  int status = 0;
  ::waitpid(victim, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  return reports;
}

TEST(Crash, NothingAcknowledgedIsLostAndNothingComesTwice) {
  TemporaryFolder folder;
  std::mt19937 random(7);
  std::map<std::int64_t, Report::Kind> ledger;
  for (int round = 0; round < rounds; ++round) {
    const std::chrono::milliseconds life(50 + random() % 300);
    for (const Report& message : run_and_kill(folder.path(), round, life)) {
      ledger[message.id] = message.kind;
    }
    VectorTable table(folder.path());
    const ReaderLease reader = table.database().reader();
    std::set<std::int64_t> present;
    Statement rows = reader.connection().prepare("SELECT id FROM t20000");
    while (rows.step()) present.insert(rows.column(0).as_integer());
    for (const auto& [id, kind] : ledger) {
      const bool is_there = present.count(id) > 0;
      EXPECT_FALSE(kind == Report::inserted && !is_there) << "lost " << id;
      EXPECT_FALSE(kind == Report::deleted && is_there) << "came back: " << id;
    }
    for (const std::int64_t id : present) EXPECT_EQ(ledger.count(id), 1U) << id;
    if (!table.has_index()) continue;  // killed before it was made
    VectorTable::expect_all_rows(reader.connection(), table.random_vector());
    table.indexes().flush();
    VectorTable::expect_all_rows(reader.connection(), table.random_vector());
    EXPECT_EQ(table.indexes().stats()[0].vectors, static_cast<std::int64_t>(present.size()));
  }
  EXPECT_GT(ledger.size(), 100U);
}

}  // namespace
}  // namespace dvecdb::server::storage
