// Nearest neighbours through the session.
#include "tests/unit/exec/session_fixture.h"

namespace dvecdb::server::exec {
namespace {

class VectorSearchTest : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp();
    run("CREATE TABLE items (id int PRIMARY KEY, e vector(3), n text)");
    run("INSERT INTO items SELECT g, ARRAY[g, g % 7, g % 3]::vector, 'n' || g % 2 "
        "FROM generate_series(1, 500) g");
  }
};

TEST_F(VectorSearchTest, FindsTheSameWithAndWithoutIndex) {
  const std::string_view search = "SELECT id FROM items ORDER BY e <-> '[250,3,1]' LIMIT 10";
  const std::string exact = rows(search);
  EXPECT_EQ(run("CREATE INDEX ON items USING hnsw (e vector_l2_ops)"), "CREATE INDEX");
  EXPECT_EQ(rows(search), exact);
  EXPECT_NE(
      rows("EXPLAIN SELECT id FROM items ORDER BY e <-> '[250,3,1]' LIMIT 10").find("items_e_idx"),
      std::string::npos);
  reopen();
  EXPECT_EQ(rows(search), exact);
}

TEST_F(VectorSearchTest, ExplainsAFilterWithASubqueryOverTheRow) {
  run("CREATE TABLE tagged (id int, tags jsonb, e vector(2))");
  run("CREATE INDEX ON tagged USING hnsw (e vector_l2_ops)");
  EXPECT_NE(
      rows("EXPLAIN SELECT id FROM tagged WHERE EXISTS (SELECT 1 FROM "
           "jsonb_array_elements(tags) AS t(v) WHERE t.v = '1') ORDER BY e <-> '[1,2]' LIMIT 3")
          .find("FROM jsonb_array_elements(tagged.tags) t(v)"),
      std::string::npos);
}

TEST_F(VectorSearchTest, SeesItsOwnWrites) {
  run("CREATE INDEX ON items USING hnsw (e vector_l2_ops)");
  run("BEGIN; INSERT INTO items VALUES (1000, '[9999,0,0]', 'x')");
  const std::string_view search = "SELECT id FROM items ORDER BY e <-> '[9999,0,0]' LIMIT 1";
  EXPECT_EQ(rows(search), "1000");
  const std::unique_ptr<Session> other = connect();
  EXPECT_EQ(rows(*other, search), "500");
  run("ROLLBACK");
  EXPECT_EQ(rows(search), "500");
  run("DELETE FROM items WHERE id = 500");
  EXPECT_EQ(rows(search), "499");
}

TEST_F(VectorSearchTest, RefusesWhatPgvectorRefuses) {
  EXPECT_EQ(run("INSERT INTO items VALUES (2000, '[1,2]', '')"),
            "ERROR 22000 expected 3 dimensions, not 2");
  EXPECT_EQ(run("SELECT e <-> '[1,2,3,4]' FROM items LIMIT 1").substr(0, 200),
            "columns ?column?:701\nERROR 22000 different vector dimensions 3 and 4");
  run("CREATE TABLE w (e vector)");
  EXPECT_EQ(run("CREATE INDEX ON w USING hnsw (e vector_l2_ops)"),
            "ERROR 22023 column does not have dimensions");
  EXPECT_EQ(run("CREATE INDEX ON items USING hnsw (e)").substr(0, 11), "ERROR 42704");
  EXPECT_EQ(run("CREATE INDEX ON items USING hnsw (e vector_l2_ops) WITH (m = 1)"),
            "ERROR 22023 value 1 out of bounds for option \"m\" / Valid values are between \"2\" "
            "and \"100\".");
  EXPECT_EQ(run("CREATE INDEX ON items USING hnsw (e vector_l2_ops) WITH (m = 50)"),
            "ERROR 22023 ef_construction must be greater than or equal to 2 * m");
  EXPECT_EQ(run("CREATE UNIQUE INDEX ON items USING hnsw (e vector_l2_ops)"),
            "ERROR 0A000 access method \"hnsw\" does not support unique indexes");
}

TEST_F(VectorSearchTest, GoesWithItsTable) {
  run("CREATE INDEX ON items USING hnsw (e vector_l2_ops)");
  EXPECT_EQ(run("BEGIN; DROP TABLE items; ROLLBACK"), "BEGIN\nDROP TABLE\nROLLBACK");
  EXPECT_EQ(rows("SELECT id FROM items ORDER BY e <-> '[500,3,2]' LIMIT 1"), "500");
  EXPECT_EQ(run("DROP INDEX items_e_idx"), "DROP INDEX");
  run("INSERT INTO items VALUES (501, '[501,0,0]', '')");
  EXPECT_EQ(run("DROP TABLE items"), "DROP TABLE");
}

}  // namespace
}  // namespace dvecdb::server::exec
