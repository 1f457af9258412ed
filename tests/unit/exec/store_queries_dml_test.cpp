// What plans of INSERT, UPDATE and DELETE choose and compute; applying them is the executor's.
#include <gtest/gtest.h>

#include "server/types/oids.h"
#include "tests/unit/exec/store_queries_fixture.h"

namespace dvecdb::server::exec {
namespace {

using query::Plan;
using types::Value;
namespace oids = types::oids;

class Modification : public ::testing::Test {
 protected:
  static std::vector<query::ResultColumn> columns(std::vector<types::Oid> types) {
    std::vector<query::ResultColumn> out;
    for (const types::Oid type : types) out.push_back({"", {type, -1}, 0, 0});
    return out;
  }
  std::string rows(const query::StoreStatement& statement, std::vector<types::Oid> types,
                   const std::vector<Value>& parameters = {}) {
    return fixture_.rows(statement.sql, columns(std::move(types)), parameters);
  }
  Fixture fixture_{std::string(STORE_QUERIES_FOLDER) + "/tables.txt"};
};

TEST_F(Modification, insert_gives_the_rows) {
  const Plan plan = fixture_.plan("INSERT INTO pairs (b) VALUES (1), (1 + 1)");
  ASSERT_EQ(plan.insert.columns.size(), 2U);
  EXPECT_TRUE(plan.writes);
  EXPECT_EQ(rows(plan.insert.source, {oids::int4, oids::int4}), "<null>|1\n<null>|2\n");
  const Plan chosen = fixture_.plan("INSERT INTO pairs SELECT id, dept FROM emp WHERE id < 3");
  EXPECT_EQ(rows(chosen.insert.source, {oids::int4, oids::int4}), "1|1\n2|1\n");
  const Plan defaults = fixture_.plan("INSERT INTO pairs DEFAULT VALUES");
  EXPECT_EQ(rows(defaults.insert.source, {oids::int4, oids::int4}), "<null>|<null>\n");
}

TEST_F(Modification, insert_returning_reads_the_row) {
  const Plan plan = fixture_.plan("INSERT INTO pairs VALUES ($1, 2) RETURNING a + 1, *");
  ASSERT_EQ(plan.columns.size(), 3U);
  EXPECT_EQ(rows(plan.returning, {oids::int4, oids::int4, oids::int4},
                 {Value::integer(0), Value::integer(2)}),
            "2|1|2\n");
}

TEST_F(Modification, update_gives_each_row_once) {
  const Plan plan = fixture_.plan("UPDATE pairs SET b = b * 10 WHERE a = 1");
  ASSERT_EQ(plan.update.columns, std::vector<std::int16_t>{2});
  EXPECT_EQ(rows(plan.update.source, {oids::int8, oids::int4}), "1|10\n2|20\n3|20\n");
  const Plan joined =
      fixture_.plan("UPDATE dept d SET title = 'x' FROM emp e WHERE e.dept = d.id AND d.id < 3");
  EXPECT_EQ(rows(joined.update.source, {oids::int8, oids::text}), "1|x\n2|x\n");
}

TEST_F(Modification, update_returning_keeps_other_tables_values) {
  const Plan plan = fixture_.plan(
      "UPDATE dept SET title = e.name FROM emp e WHERE e.dept = dept.id AND e.id = 6 RETURNING "
      "dept.id, e.name, title");
  EXPECT_EQ(plan.update.extra, 1);
  EXPECT_EQ(rows(plan.update.source, {oids::int8, oids::text, oids::text}), "3|Fay|Fay\n");
  EXPECT_EQ(rows(plan.returning, {oids::int4, oids::text, oids::text},
                 {Value::integer(3), Value::text("Fay")}),
            "3|Fay|Legal\n");
}

TEST_F(Modification, delete_gives_rows_and_returning) {
  const Plan plan = fixture_.plan("DELETE FROM pairs WHERE a IS NULL RETURNING b");
  EXPECT_EQ(rows(plan.delete_.source, {oids::int8, oids::int4}), "5|3\n6|<null>\n8|3\n");
  const Plan joined = fixture_.plan("DELETE FROM dept USING emp WHERE emp.dept = dept.id");
  EXPECT_EQ(rows(joined.delete_.source, {oids::int8}), "1\n2\n3\n");
}

TEST_F(Modification, with_serves_modifications) {
  const Plan plan = fixture_.plan(
      "WITH low AS (SELECT id FROM emp WHERE salary < 3000) DELETE FROM emp WHERE id IN (SELECT id "
      "FROM low)");
  EXPECT_EQ(rows(plan.delete_.source, {oids::int8}), "4\n7\n");
}

}  // namespace
}  // namespace dvecdb::server::exec
