#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cmath>
#include <thread>

#include "server/storage/connection.h"
#include "tests/unit/storage/temporary_folder.h"

namespace dvecdb::server::storage {
namespace {

class StatementTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  Connection connection_{{.path = folder_.path() + "/rows.db"}};

  Value only_value(std::string_view sql) {
    Statement statement = connection_.prepare(sql);
    EXPECT_TRUE(statement.step());
    return statement.column(0).own();
  }
};

constexpr std::string_view endless =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

TEST_F(StatementTest, EveryKindOfValueComesBack) {
  Statement statement = connection_.prepare("SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8");
  statement.bind(1, Value::null());
  statement.bind(2, Value::integer(-5));
  statement.bind(3, Value::real(2.5));
  statement.bind(4, Value::text("words"));
  statement.bind(5, Value::blob(std::string("\0\1", 2)));
  statement.bind(6, Value::text(""));
  statement.bind(7, Value::blob_view({}));
  statement.bind(8, Value::real(std::nan("")));
  ASSERT_TRUE(statement.step());
  EXPECT_TRUE(statement.column(0).is_null());
  EXPECT_EQ(statement.column(1).as_integer(), -5);
  EXPECT_EQ(statement.column(2).as_real(), 2.5);
  EXPECT_EQ(statement.column(3).as_bytes(), "words");
  EXPECT_EQ(statement.column(4).as_bytes(), std::string_view("\0\1", 2));
  EXPECT_EQ(statement.column(5).kind(), Value::Kind::text);
  EXPECT_EQ(statement.column(6).kind(), Value::Kind::blob);
  EXPECT_TRUE(std::isnan(statement.column(7).as_real()));
  EXPECT_FALSE(statement.step());
}

TEST_F(StatementTest, SettingsProtectDurability) {
  EXPECT_EQ(only_value("PRAGMA journal_mode").as_bytes(), "wal");
  EXPECT_EQ(only_value("PRAGMA synchronous").as_integer(), 2);
  EXPECT_EQ(only_value("PRAGMA page_size").as_integer(), 16384);
  EXPECT_EQ(state_of([&] { connection_.execute("SELECT \"no such column\""); }), "XX000");
}

TEST_F(StatementTest, TheCacheGivesTheSameStatementOnlyOnceAtATime) {
  sqlite3_stmt* first = nullptr;
  {
    Statement statement = connection_.prepare("SELECT 1");
    first = statement.handle();
    Statement second = connection_.prepare("SELECT 1");
    EXPECT_NE(second.handle(), first);
    connection_.prepare("SELECT 2");
  }
  connection_.prepare("SELECT 1");
  {
    Statement statement = connection_.prepare("SELECT 3");
    first = statement.handle();
  }
  EXPECT_EQ(connection_.prepare("SELECT 3").handle(), first);
  for (int i = 0; i < 1000; ++i) connection_.prepare("SELECT " + std::to_string(i));
  EXPECT_EQ(only_value("SELECT 999").as_integer(), 999);
}

TEST_F(StatementTest, AUniqueFailureNamesTheIndex) {
  connection_.execute(
      "CREATE TABLE t1 (a, b, c);"
      "CREATE UNIQUE INDEX t1_a ON t1 (a);"
      "CREATE UNIQUE INDEX t1_b_c ON t1 (b, c);"
      "CREATE TABLE t2 (c);"
      "CREATE UNIQUE INDEX t2_e ON t2 (abs(c));"
      "INSERT INTO t2 VALUES (3);"
      "INSERT INTO t1 VALUES (1, 2, 3)");
  const auto index_of = [&](std::string_view sql) -> std::string {
    try {
      connection_.execute(sql);
    } catch (const ConstraintError& error) {
      EXPECT_EQ(error.sqlstate(), "23505");
      return error.index_name();
    }
    return "none";
  };
  EXPECT_EQ(index_of("INSERT INTO t1 VALUES (1, 5, 5)"), "t1_a");
  EXPECT_EQ(index_of("INSERT INTO t1 VALUES (2, 2, 3)"), "t1_b_c");
  EXPECT_EQ(index_of("INSERT INTO t2 VALUES (-3)"), "t2_e");
}

TEST_F(StatementTest, OtherConstraintsHaveTheirStates) {
  connection_.execute("CREATE TABLE t (a NOT NULL, b CHECK (b > 0))");
  EXPECT_EQ(state_of([&] { connection_.execute("INSERT INTO t VALUES (NULL, 1)"); }), "23502");
  EXPECT_EQ(state_of([&] { connection_.execute("INSERT INTO t VALUES (1, 0)"); }), "23514");
}

TEST_F(StatementTest, AnErrorOfARegisteredFunctionComesOutUnchanged) {
  sqlite3_create_function(
      connection_.handle(), "refuse", 0, SQLITE_UTF8, &connection_,
      [](sqlite3_context* context, int, sqlite3_value**) {
        static_cast<Connection*>(sqlite3_user_data(context))
            ->set_pending_error(
                std::make_exception_ptr(types::SqlError("22012", "division by zero")));
        sqlite3_result_error(context, "failed", -1);
      },
      nullptr, nullptr);
  EXPECT_EQ(state_of([&] { only_value("SELECT refuse()"); }), "22012");
  EXPECT_EQ(only_value("SELECT 1").as_integer(), 1);
}

TEST_F(StatementTest, InterruptEndsTheRunningStatement) {
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    connection_.interrupt();
  });
  EXPECT_EQ(state_of([&] { only_value(endless); }), "57014");
  other.join();
  EXPECT_EQ(only_value("SELECT 1").as_integer(), 1);
}

TEST_F(StatementTest, TheCancelMarkEndsStatementsButNotTransactionControl) {
  std::atomic<bool> cancelled = true;
  connection_.execute("BEGIN");
  connection_.watch_cancel(&cancelled);
  EXPECT_EQ(state_of([&] { only_value("SELECT 1"); }), "57014");
  connection_.execute("ROLLBACK");
  connection_.watch_cancel(nullptr);
  EXPECT_EQ(only_value("SELECT 1").as_integer(), 1);
}

TEST_F(StatementTest, ADamagedFileIsNamed) {
  const std::string path = folder_.path() + "/bad.db";
  FILE* file = std::fopen(path.c_str(), "w");
  for (int i = 0; i < 2000; ++i) std::fputs("this is no database. ", file);
  std::fclose(file);
  EXPECT_EQ(state_of([&] { Connection bad({.path = path}); }), "XX001");
}

TEST_F(StatementTest, AReadOnlyConnectionRefusesWrites) {
  connection_.execute("CREATE TABLE t (a)");
  Connection reader({.path = folder_.path() + "/rows.db", .read_only = true});
  EXPECT_EQ(state_of([&] { reader.execute("INSERT INTO t VALUES (1)"); }), "25006");
}

}  // namespace
}  // namespace dvecdb::server::storage
