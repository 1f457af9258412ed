#include <gtest/gtest.h>
#include <sqlite3.h>

#include <atomic>
#include <thread>

#include "server/storage/database.h"
#include "tests/unit/storage/temporary_folder.h"

namespace dvecdb::server::storage {
namespace {

using std::chrono::milliseconds;

class WriterTest : public testing::Test {
 protected:
  WriterTest() {
    database_.run_grouped({}, [](Connection& writer) {
      writer.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, who INTEGER)");
      writer.execute("CREATE UNIQUE INDEX t_who ON t (who)");
    });
  }
  void insert(int who) {
    database_.run_grouped({}, [who](Connection& writer) {
      Statement statement = writer.prepare("INSERT INTO t (who) VALUES (?1)");
      statement.bind(1, Value::integer(who));
      statement.run();
    });
  }
  std::int64_t count() {
    const ReaderLease reader = database_.reader();
    Statement statement = reader.connection().prepare("SELECT count(*) FROM t");
    statement.step();
    return statement.column(0).as_integer();
  }

  TemporaryFolder folder_;
  Database database_{folder_.path() + "/db", folder_.path() + "/global.db", {}, nullptr};
};

TEST_F(WriterTest, StatementsOfManySessionsAreAllThere) {
  constexpr int sessions = 16;
  constexpr int statements = 100;
  std::vector<std::thread> threads;
  for (int session = 0; session < sessions; ++session) {
    threads.emplace_back([&, session] {
      for (int i = 0; i < statements; ++i) insert(session * statements + i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count(), sessions * statements);
}

TEST_F(WriterTest, AFailingMemberTakesNobodyWithIt) {
  insert(0);
  std::vector<std::thread> threads;
  std::atomic<int> refused = 0;
  for (int session = 0; session < 8; ++session) {
    threads.emplace_back([&, session] {
      for (int i = 1; i <= 50; ++i) {
        try {
          insert(session % 2 == 0 ? 0 : session * 50 + i);
        } catch (const ConstraintError& error) {
          EXPECT_EQ(error.index_name(), "t_who");
          ++refused;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(refused, 200);
  EXPECT_EQ(count(), 201);
}

TEST_F(WriterTest, AnExceptionOfTheWorkUndoesItsChanges) {
  EXPECT_THROW(database_.run_grouped({},
                                     [](Connection& writer) {
                                       writer.execute("INSERT INTO t (who) VALUES (1)");
                                       throw std::runtime_error("no");
                                     }),
               std::runtime_error);
  EXPECT_EQ(count(), 0);
}

TEST_F(WriterTest, ALostTransactionFailsEveryMemberOfItsGroup) {
  // The second member rolls back everything, as the store does when the disk is full.
  std::thread second;
  std::string second_state;
  const auto lose = [&] {
    second_state = state_of([&] {
      database_.run_grouped({}, [](Connection& writer) {
        writer.execute("ROLLBACK");
        throw types::SqlError("53100", "disk full");
      });
    });
  };
  const std::string first_state = state_of([&] {
    database_.run_grouped({}, [&](Connection& writer) {
      writer.execute("INSERT INTO t (who) VALUES (1)");
      second = std::thread(lose);
      std::this_thread::sleep_for(milliseconds(3));
    });
  });
  second.join();
  EXPECT_EQ(second_state, "53100");
  // Unless the second came too late to join.
  EXPECT_EQ(count(), first_state == "53100" ? 0 : 1);
  insert(2);
}

TEST_F(WriterTest, AStatementInLineIsTakenByTheOneBeforeIt) {
  std::thread second;
  std::atomic<bool> has_started = false;
  std::thread::id ran_on;
  database_.run_grouped({}, [&](Connection& writer) {
    writer.execute("INSERT INTO t (who) VALUES (1)");
    second = std::thread([&] {
      has_started = true;
      database_.run_grouped({}, [&](Connection& own) {
        own.execute("INSERT INTO t (who) VALUES (2)");
        ran_on = std::this_thread::get_id();
      });
    });
    while (!has_started) std::this_thread::yield();
    std::this_thread::sleep_for(milliseconds(100));
  });
  second.join();
  EXPECT_EQ(count(), 2);
  EXPECT_EQ(ran_on, std::this_thread::get_id());
}

TEST_F(WriterTest, AStatementThatIsCancelledInLineIsNotRun) {
  WriterLease lease = database_.begin({});
  std::atomic<bool> cancelled = false;
  std::string state;
  std::thread waiting([&] {
    state = state_of([&] {
      database_.run_grouped({.cancelled = &cancelled}, [](Connection& writer) {
        writer.execute("INSERT INTO t (who) VALUES (1)");
      });
    });
  });
  std::this_thread::sleep_for(milliseconds(30));
  cancelled = true;
  waiting.join();
  lease.rollback();
  EXPECT_EQ(state, "57014");
  insert(2);
  EXPECT_EQ(count(), 1);
}

TEST_F(WriterTest, AWholeTransactionExcludesOthersUntilItsEnd) {
  WriterLease lease = database_.begin({});
  lease.connection().execute("INSERT INTO t (who) VALUES (1)");
  EXPECT_EQ(state_of([&] { database_.begin({.timeout = milliseconds(30)}); }), "55P03");
  EXPECT_EQ(
      state_of([&] { database_.run_grouped({.timeout = milliseconds(30)}, [](Connection&) {}); }),
      "55P03");
  std::atomic<bool> cancelled = false;
  std::thread canceller([&] {
    std::this_thread::sleep_for(milliseconds(30));
    cancelled = true;
  });
  EXPECT_EQ(state_of([&] { database_.begin({.cancelled = &cancelled}); }), "57014");
  canceller.join();
  EXPECT_EQ(count(), 0);
  lease.commit();
  EXPECT_FALSE(lease);
  EXPECT_EQ(count(), 1);
}

TEST_F(WriterTest, ALeaseThatIsDroppedRollsBack) {
  { database_.begin({}).connection().execute("INSERT INTO t (who) VALUES (1)"); }
  EXPECT_EQ(count(), 0);
  insert(1);
  EXPECT_EQ(count(), 1);
}

TEST_F(WriterTest, TheQueueIsFairToEveryKind) {
  std::vector<std::thread> threads;
  for (int session = 0; session < 8; ++session) {
    threads.emplace_back([&, session] {
      for (int i = 0; i < 30; ++i) {
        if (session % 2 == 0) {
          insert(session * 100 + i);
          continue;
        }
        WriterLease lease = database_.begin({.timeout = milliseconds(60000)});
        lease.connection().execute("INSERT INTO t (who) VALUES (" +
                                   std::to_string(session * 100 + i) + ")");
        if (i % 3 == 0) {
          lease.rollback();
        } else {
          lease.commit();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count(), 4 * 30 + 4 * 20);
}

TEST_F(WriterTest, AReaderKeepsItsSnapshot) {
  insert(1);
  const ReaderLease reader = database_.reader();
  reader.connection().execute("BEGIN");
  const auto seen = [&] {
    Statement statement = reader.connection().prepare("SELECT count(*) FROM t");
    statement.step();
    return statement.column(0).as_integer();
  };
  EXPECT_EQ(seen(), 1);
  insert(2);
  EXPECT_EQ(seen(), 1);
  reader.connection().execute("COMMIT");
  EXPECT_EQ(seen(), 2);
}

TEST_F(WriterTest, TheLogDoesNotGrowForEver) {
  for (int i = 0; i < 300; ++i) {
    database_.run_grouped({}, [](Connection& writer) {
      writer.execute("CREATE TABLE IF NOT EXISTS big (b)");
      writer.execute("INSERT INTO big VALUES (zeroblob(1000000))");
    });
  }
  EXPECT_LT(database_.log_bytes(), 250 << 20);
  EXPECT_GT(database_.bytes_on_disk(), 200 << 20);
}

}  // namespace
}  // namespace dvecdb::server::storage
