// Simple queries: transactions, errors, constraints.
#include "tests/unit/exec/session_fixture.h"

namespace dvecdb::server::exec {
namespace {

TEST_F(SessionTest, AnswersQueries) {
  EXPECT_EQ(run("SELECT 1 AS a, 'x'::text AS b"), "columns a:23 b:25\nrow 1|x\nSELECT 1");
  EXPECT_EQ(run(""), "empty");
  EXPECT_EQ(run("SELEC 1"), "ERROR 42601 syntax error at or near \"SELEC\"");
  EXPECT_EQ(run("SELECT 1; SELECT 2"),
            "columns ?column?:23\nrow 1\nSELECT 1\ncolumns ?column?:23\nrow 2\nSELECT 1");
}

TEST_F(SessionTest, KeepsRowsOverARestart) {
  run("CREATE TABLE t (id bigserial PRIMARY KEY, v vector(3), n text)");
  EXPECT_EQ(run("INSERT INTO t (v, n) VALUES ('[1,2,3]', 'a'), ('[4,5,6]', 'b') RETURNING id"),
            "columns id:20\nrow 1\nrow 2\nINSERT 0 2");
  reopen();
  EXPECT_EQ(rows("SELECT * FROM t ORDER BY id"), "1|[1,2,3]|a\n2|[4,5,6]|b");
  EXPECT_EQ(rows("INSERT INTO t (n) VALUES ('c') RETURNING id"), "3");
}

TEST_F(SessionTest, RunsATextAsOneTransaction) {
  run("CREATE TABLE t (a int PRIMARY KEY)");
  EXPECT_EQ(run("INSERT INTO t VALUES (1); INSERT INTO t VALUES (1)"),
            "INSERT 0 1\nERROR 23505 duplicate key value violates unique constraint \"t_pkey\" / "
            "Key (a)=(1) already exists.");
  EXPECT_EQ(rows("SELECT count(*) FROM t"), "0");
  run("BEGIN; INSERT INTO t VALUES (2); COMMIT; INSERT INTO t VALUES (3); SELECT 1/0");
  EXPECT_EQ(rows("SELECT a FROM t"), "2");
}

TEST_F(SessionTest, RefusesEverythingInAFailedTransaction) {
  EXPECT_EQ(run("BEGIN"), "BEGIN");
  EXPECT_EQ(run("SELECT 1/0"), "columns ?column?:23\nERROR 22012 division by zero");
  EXPECT_EQ(session_->status(), TransactionStatus::failed);
  EXPECT_EQ(run("SELECT 1"),
            "ERROR 25P02 current transaction is aborted, commands ignored until end of "
            "transaction block");
  EXPECT_EQ(run("COMMIT"), "ROLLBACK");
  EXPECT_EQ(run("COMMIT"), "WARNING 25P01 there is no transaction in progress\nCOMMIT");
}

TEST_F(SessionTest, GoesBackToSavepoints) {
  run("CREATE TABLE t (a int PRIMARY KEY)");
  run("BEGIN; INSERT INTO t VALUES (1)");
  run("SAVEPOINT s");
  run("INSERT INTO t VALUES (1)");
  EXPECT_EQ(session_->status(), TransactionStatus::failed);
  EXPECT_EQ(run("ROLLBACK TO s"), "ROLLBACK");
  run("INSERT INTO t VALUES (2)");
  run("COMMIT");
  EXPECT_EQ(rows("SELECT a FROM t ORDER BY a"), "1\n2");
}

TEST_F(SessionTest, UndoesDefinitions) {
  run("BEGIN; CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
  EXPECT_EQ(rows("SELECT a FROM t"), "1");
  run("ROLLBACK");
  EXPECT_EQ(rows("SELECT a FROM t"), "ERROR 42P01 relation \"t\" does not exist");
}

TEST_F(SessionTest, KeepsSnapshotsApart) {
  run("CREATE TABLE t (a int); INSERT INTO t VALUES (1)");
  const std::unique_ptr<Session> other = connect();
  run(*other, "BEGIN ISOLATION LEVEL REPEATABLE READ");
  EXPECT_EQ(rows(*other, "SELECT count(*) FROM t"), "1");
  run("INSERT INTO t VALUES (2)");
  EXPECT_EQ(rows(*other, "SELECT count(*) FROM t"), "1");
  EXPECT_EQ(run(*other, "INSERT INTO t VALUES (3)"),
            "ERROR 40001 could not serialize access due to concurrent update");
  run(*other, "ROLLBACK");
  run(*other, "BEGIN");
  EXPECT_EQ(rows(*other, "SELECT count(*) FROM t"), "2");
  run("INSERT INTO t VALUES (4)");
  EXPECT_EQ(rows(*other, "SELECT count(*) FROM t"), "3");
}

TEST_F(SessionTest, WaitsForTheWriter) {
  run("CREATE TABLE t (a int)");
  run("BEGIN; INSERT INTO t VALUES (1)");
  const std::unique_ptr<Session> other = connect();
  run(*other, "SET lock_timeout = 50");
  EXPECT_EQ(run(*other, "INSERT INTO t VALUES (2)").substr(0, 11), "ERROR 55P03");
  EXPECT_EQ(rows(*other, "SELECT count(*) FROM t"), "0");
  run("COMMIT");
  EXPECT_EQ(run(*other, "INSERT INTO t VALUES (2)"), "INSERT 0 1");
}

TEST_F(SessionTest, StopsAfterTheTimeout) {
  EXPECT_EQ(run("SET statement_timeout = 50; SELECT pg_sleep(5)"),
            "SET\ncolumns pg_sleep:2278\nERROR 57014 canceling statement due to statement "
            "timeout");
}

TEST_F(SessionTest, FollowsForeignKeys) {
  run("CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (id int REFERENCES p ON DELETE CASCADE, "
      "r int REFERENCES p ON DELETE SET NULL, n int REFERENCES p)");
  run("INSERT INTO p VALUES (1), (2), (3); INSERT INTO c VALUES (1, 2, 3), (2, 2, 3)");
  EXPECT_EQ(run("INSERT INTO c VALUES (9, NULL, NULL)"),
            "ERROR 23503 insert or update on table \"c\" violates foreign key constraint "
            "\"c_id_fkey\" / Key (id)=(9) is not present in table \"p\".");
  run("DELETE FROM p WHERE id = 2");
  EXPECT_EQ(rows("SELECT * FROM c"), "1|NULL|3");
  EXPECT_EQ(run("DELETE FROM p WHERE id = 3"),
            "ERROR 23503 update or delete on table \"p\" violates foreign key constraint "
            "\"c_n_fkey\" on table \"c\" / Key (id)=(3) is still referenced from table \"c\".");
}

TEST_F(SessionTest, PrintsTheFailingRow) {
  run("CREATE TABLE t (a int NOT NULL, b text CHECK (b <> 'x'))");
  EXPECT_EQ(run("INSERT INTO t VALUES (NULL, 'y')"),
            "ERROR 23502 null value in column \"a\" of relation \"t\" violates not-null "
            "constraint / Failing row contains (null, y).");
  EXPECT_EQ(run("INSERT INTO t VALUES (1, 'x')"),
            "ERROR 23514 new row for relation \"t\" violates check constraint \"t_b_check\" / "
            "Failing row contains (1, x).");
}

TEST_F(SessionTest, SendsNotifications) {
  run("LISTEN news");
  const std::unique_ptr<Session> other = connect();
  run(*other, "NOTIFY news, 'hello'");
  EXPECT_EQ(run("SELECT 1"), "columns ?column?:23\nrow 1\nSELECT 1\nnotification news hello");
}

TEST_F(SessionTest, CopiesInAndOut) {
  run("CREATE TABLE t (id serial, n text)");
  RecordingSink sink;
  sink.copy_input = {"one\ntw", "o\n"};
  session_->simple_query("COPY t (n) FROM STDIN", sink);
  EXPECT_EQ(sink.take(), "copy in 1\nCOPY 2");
  // A message a row: psycopg takes one for the other.
  EXPECT_EQ(run("COPY t TO STDOUT"), "copy out 2\ndata 1\tone\n\ndata 2\ttwo\n\ncopy done\nCOPY 2");
}

TEST_F(SessionTest, DropsTemporaryTablesWithTheirSession) {
  {
    const std::unique_ptr<Session> other = connect();
    EXPECT_EQ(run(*other, "CREATE TEMP TABLE t (a int); INSERT INTO t VALUES (1)"),
              "CREATE TABLE\nINSERT 0 1");
    EXPECT_EQ(rows("SELECT count(*) FROM t"), "ERROR 42P01 relation \"t\" does not exist");
  }
  EXPECT_EQ(rows("SELECT count(*) FROM pg_class WHERE relname = 't'"), "0");
}

TEST_F(SessionTest, ChecksPrivileges) {
  run("CREATE TABLE t (a int); CREATE ROLE reader LOGIN; CREATE ROLE nobody LOGIN");
  run("GRANT SELECT ON t TO reader");
  const std::unique_ptr<Session> reader = connect("reader");
  const std::unique_ptr<Session> nobody = connect("nobody");
  EXPECT_EQ(rows(*reader, "SELECT count(*) FROM t"), "0");
  EXPECT_EQ(run(*reader, "INSERT INTO t VALUES (1)"), "ERROR 42501 permission denied for table t");
  EXPECT_EQ(run(*nobody, "SELECT * FROM t"), "ERROR 42501 permission denied for table t");
  EXPECT_EQ(run(*nobody, "DROP TABLE t"), "ERROR 42501 must be owner of table t");
}

TEST_F(SessionTest, MakesDatabases) {
  EXPECT_EQ(run("CREATE DATABASE other"), "CREATE DATABASE");
  EXPECT_EQ(run("CREATE DATABASE other"), "ERROR 42P04 database \"other\" already exists");
  SessionOptions options;
  options.user = "postgres";
  options.database = "other";
  options.pid = 99;
  {
    const std::unique_ptr<Session> there = engine_->connect(options);
    EXPECT_EQ(rows(*there, "SELECT current_database()"), "other");
    EXPECT_EQ(run("DROP DATABASE other").substr(0, 11), "ERROR 55006");
  }
  EXPECT_EQ(run("DROP DATABASE other"), "DROP DATABASE");
  EXPECT_THROW(engine_->connect(options), types::SqlError);
}

}  // namespace
}  // namespace dvecdb::server::exec
