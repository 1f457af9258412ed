// What a libpqxx program does, against the server that TEST_DSN names.
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <pqxx/pqxx>
#include <string>

namespace {

class LibpqxxClient : public testing::Test {
 protected:
  LibpqxxClient() : connection_(std::getenv("TEST_DSN")) {
    pqxx::work setup(connection_);
    setup.exec("DROP TABLE IF EXISTS items");
    setup.exec(
        "CREATE TABLE items (id bigserial PRIMARY KEY, embedding vector(3), title text NOT NULL)");
    setup.commit();
  }

  pqxx::connection connection_;
};

TEST_F(LibpqxxClient, InsertsWithParametersAndFindsNeighbors) {
  connection_.prepare("add", "INSERT INTO items (embedding, title) VALUES ($1, $2) RETURNING id");
  connection_.prepare("near",
                      "SELECT title, embedding <-> $1::vector AS distance FROM items "
                      "ORDER BY embedding <-> $1::vector LIMIT $2");
  pqxx::work work(connection_);
  EXPECT_EQ(work.exec_prepared("add", "[1,2,3]", "one")[0][0].as<long>(), 1);
  EXPECT_EQ(work.exec_prepared("add", "[4,5,6]", "two")[0][0].as<long>(), 2);
  work.exec("CREATE INDEX ON items USING hnsw (embedding vector_l2_ops)");
  const pqxx::result near = work.exec_prepared("near", "[1,2,3.5]", 1);
  ASSERT_EQ(near.size(), 1);
  EXPECT_EQ(near[0]["title"].as<std::string>(), "one");
  EXPECT_DOUBLE_EQ(near[0]["distance"].as<double>(), 0.5);
  work.commit();
}

TEST_F(LibpqxxClient, PassesNullsNumbersAndText) {
  pqxx::work work(connection_);
  const pqxx::result row = work.exec_params(
      "SELECT $1::int + 1, $2::text || '!', $3::numeric * 2, $4::text IS NULL, $5::bool", 41,
      "it's \\ \"quoted\"", "1.25", static_cast<const char*>(nullptr), true);
  EXPECT_EQ(row[0][0].as<int>(), 42);
  EXPECT_EQ(row[0][1].as<std::string>(), "it's \\ \"quoted\"!");
  EXPECT_EQ(row[0][2].as<std::string>(), "2.50");
  EXPECT_TRUE(row[0][3].as<bool>());
  EXPECT_TRUE(row[0][4].as<bool>());
}

TEST_F(LibpqxxClient, ErrorsHaveTheirClasses) {
  pqxx::work work(connection_);
  work.exec("INSERT INTO items (id, title) VALUES (1, 'a')");
  pqxx::subtransaction first(work);
  EXPECT_THROW(first.exec("INSERT INTO items (id, title) VALUES (1, 'b')"), pqxx::unique_violation);
  first.abort();
  pqxx::subtransaction second(work);
  EXPECT_THROW(second.exec("INSERT INTO items (title) VALUES (NULL)"), pqxx::not_null_violation);
  second.abort();
  pqxx::subtransaction third(work);
  try {
    third.exec("SELECT missing FROM items");
    FAIL() << "no error";
  } catch (const pqxx::undefined_column& error) {
    EXPECT_EQ(error.sqlstate(), "42703");
  }
  third.abort();
  EXPECT_EQ(work.exec("SELECT count(*) FROM items")[0][0].as<int>(), 1);
  work.commit();
}

TEST_F(LibpqxxClient, AbortedWorkLeavesNothing) {
  {
    pqxx::work work(connection_);
    work.exec("INSERT INTO items (title) VALUES ('gone')");
    work.abort();
  }
  pqxx::work work(connection_);
  EXPECT_EQ(work.exec("SELECT count(*) FROM items")[0][0].as<int>(), 0);
}

TEST_F(LibpqxxClient, CursorsReadInSteps) {
  pqxx::work work(connection_);
  work.exec("INSERT INTO items (title) SELECT 'n' || g FROM generate_series(1, 1000) g");
  pqxx::icursorstream cursor(work, "SELECT id FROM items ORDER BY id", "steps", 300);
  std::size_t rows = 0;
  pqxx::result batch;
  while (cursor >> batch) rows += static_cast<std::size_t>(batch.size());
  EXPECT_EQ(rows, 1000U);
}

TEST_F(LibpqxxClient, LargeResultsArriveWhole) {
  pqxx::work work(connection_);
  const pqxx::result rows =
      work.exec("SELECT g, repeat('x', 1000) FROM generate_series(1, 20000) g");
  ASSERT_EQ(rows.size(), 20000);
  EXPECT_EQ(rows[19999][0].as<int>(), 20000);
  EXPECT_EQ(rows[19999][1].size(), 1000U);
}

}  // namespace
