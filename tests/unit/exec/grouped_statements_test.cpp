// Autocommit statements of several sessions share transactions and run on each other's threads:
// each must still be its own session's.
#include <atomic>
#include <thread>

#include "tests/unit/exec/session_fixture.h"

namespace dvecdb::server::exec {
namespace {

class GroupedStatementsTest : public SessionTest {
 protected:
  static constexpr int sessions = 8;
  static constexpr int rounds = 30;

  // Calls work(session, its number) on a thread for each session.
  template <typename Work>
  void with_sessions(const Work& work) {
    std::vector<std::unique_ptr<Session>> connected;
    for (int s = 0; s < sessions; ++s) connected.push_back(connect());
    std::vector<std::thread> threads;
    for (int s = 0; s < sessions; ++s) {
      threads.emplace_back([&, s] { work(*connected[static_cast<std::size_t>(s)], s); });
    }
    for (std::thread& thread : threads) thread.join();
  }
};

TEST_F(GroupedStatementsTest, EachIsAnsweredAndFailsAlone) {
  run("CREATE TABLE t (id serial PRIMARY KEY, who int, n int CHECK (n >= 0), UNIQUE (who, n))");
  std::atomic<int> refused = 0;
  with_sessions([&](Session& session, int who) {
    for (int n = 0; n < rounds; ++n) {
      const std::string row = std::to_string(who) + ", " + std::to_string(n) + ")";
      EXPECT_EQ(run(session, "INSERT INTO t (who, n) VALUES (" + row), "INSERT 0 1");
      const std::string twice = run(session, "INSERT INTO t (who, n) VALUES (" + row);
      const std::string wrong = run(session, "INSERT INTO t (who, n) VALUES (1, -1)");
      refused += twice.rfind("ERROR 23505", 0) == 0 ? 1 : 0;
      refused += wrong.rfind("ERROR 23514", 0) == 0 ? 1 : 0;
    }
  });
  EXPECT_EQ(refused, 2 * sessions * rounds);
  EXPECT_EQ(rows("SELECT count(*), count(DISTINCT id) FROM t"), "240|240");
}

TEST_F(GroupedStatementsTest, EachHasItsOwnSettingsAndSequenceValues) {
  run("CREATE SEQUENCE s");
  run("CREATE TABLE t (pid int, name text, value int)");
  with_sessions([&](Session& session, int who) {
    const std::string name = "session" + std::to_string(who);
    run(session, "SET application_name = '" + name + "'");
    for (int n = 0; n < rounds; ++n) {
      const std::string returned =
          rows(session,
               "INSERT INTO t VALUES (pg_backend_pid(), current_setting('application_name'), "
               "nextval('s')) RETURNING name, value");
      EXPECT_EQ(returned, name + "|" + rows(session, "SELECT currval('s')"));
    }
  });
  EXPECT_EQ(rows("SELECT count(DISTINCT pid), count(DISTINCT name), count(DISTINCT value) FROM t"),
            "8|8|240");
}

TEST_F(GroupedStatementsTest, TransactionsAndStatementsDoNotMix) {
  run("CREATE TABLE t (who int)");
  with_sessions([&](Session& session, int who) {
    const std::string insert = "INSERT INTO t VALUES (" + std::to_string(who) + ")";
    for (int n = 0; n < rounds; ++n) {
      if (who % 2 == 0) {
        run(session, insert);
        continue;
      }
      run(session, "BEGIN");
      run(session, insert);
      run(session, n % 2 == 0 ? "ROLLBACK" : "COMMIT");
    }
  });
  EXPECT_EQ(rows("SELECT count(*) FROM t"), "180");
}

}  // namespace
}  // namespace dvecdb::server::exec
