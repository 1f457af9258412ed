// Which queries the lowering gives to a vector index, with a stand-in for the index that sorts the
// table's rows.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "server/exec/store_sets_table.h"
#include "server/query/explain.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "tests/unit/exec/store_queries_fixture.h"

namespace dvecdb::server::exec {
namespace {

using types::Value;

struct Seen {
  int searches = 0;
  std::int64_t wanted = -1;
  std::string filter;
  std::size_t filter_rows = 0;
};
Seen seen;

std::vector<float> floats_of(std::string_view bytes) {
  std::vector<float> out(bytes.size() / sizeof(float));
  std::memcpy(out.data(), bytes.data(), out.size() * sizeof(float));
  return out;
}

double distance(std::string_view a, std::string_view b) {
  const auto x = floats_of(a);
  const auto y = floats_of(b);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return std::sqrt(sum);
}

class SortedRows {
 public:
  static constexpr int columns = 2;
  static constexpr int arguments = 13;
  static std::string declaration() { return declare_table(0, "id,distance,", arguments); }

  explicit SortedRows(StoreContext& store) : store_(store) {}

  void filter(int count, sqlite3_value** values) {
    ++seen.searches;
    seen.wanted = to_value(values[3]).as_integer();
    const Value query = to_value(values[1]).own();
    const Value filter_sql = to_value(values[4]).own();
    seen.filter = filter_sql.is_null() ? "" : filter_sql.as_bytes();
    seen.filter_rows = 0;
    if (!filter_sql.is_null()) {
      storage::Statement passing = store_.connection().prepare(filter_sql.as_bytes());
      for (int i = 5; i < count; ++i) passing.bind(i - 4, to_value(values[i]));
      while (passing.step()) ++seen.filter_rows;
    }
    rows_.clear();
    at_ = 0;
    storage::Statement all = store_.connection().prepare("SELECT rowid, embedding FROM t_item");
    while (all.step()) {
      const Value vector = all.column(1);
      const double far = vector.is_null() || query.is_null()
                             ? INFINITY
                             : distance(vector.as_bytes(), query.as_bytes());
      rows_.emplace_back(far, all.column(0).as_integer());
    }
    std::sort(rows_.begin(), rows_.end());
  }
  bool next() { return at_++ < rows_.size(); }
  void column(sqlite3_context* context, int index) {
    const auto& [far, id] = rows_[at_ - 1];
    set_result(context, index == 0 ? Value::integer(id) : Value::real(far));
  }

 private:
  StoreContext& store_;
  std::vector<std::pair<double, std::int64_t>> rows_;
  std::size_t at_ = 0;
};

class Nearest : public ::testing::Test {
 protected:
  Nearest() : fixture_(std::string(STORE_QUERIES_FOLDER) + "/tables.txt") {
    TableFunction<SortedRows>::add(context_, "knn");
    seen = {};
    add_index("item_embedding_idx", "");
  }

  void add_index(std::string name, std::string predicate) {
    query::IndexDesc index;
    index.oid = 30000;
    index.name = std::move(name);
    index.method = "hnsw";
    index.predicate_text = std::move(predicate);
    query::IndexDesc::Key key;
    key.column = 2;
    key.type = {types::oids::vector, -1};
    for (const auto* operators : fixture_.catalog().find_operator_classes("hnsw")) {
      if (operators->name == "vector_l2_ops") key.operator_class = operators->oid;
    }
    index.keys.push_back(key);
    fixture_.catalog().add_index("item", std::move(index));
  }

  // The rows, after "knn:" when the index was asked.
  std::string run(std::string_view sql, const std::vector<Value>& parameters = {},
                  const query::PlanSettings& settings = {}) {
    seen = {};
    const query::Plan plan = fixture_.plan(sql, settings);
    const std::string rows = fixture_.rows(plan.select.sql, plan.columns, parameters);
    EXPECT_EQ(plan.vector_scans.empty(), seen.searches == 0) << sql;
    return (seen.searches > 0 ? "knn:" : "") + rows;
  }

  Fixture fixture_;
  StoreContext context_{fixture_.connection()};
};

TEST_F(Nearest, order_and_limit_use_the_index) {
  EXPECT_EQ(run("SELECT id FROM item ORDER BY embedding <-> '[1,1,0]' LIMIT 1"), "knn:4\n");
  EXPECT_EQ(seen.wanted, 1);
  EXPECT_EQ(run("SELECT id FROM item ORDER BY embedding <-> '[1,1,0]', id LIMIT 2 OFFSET 1"),
            "knn:1\n2\n");
  EXPECT_EQ(seen.wanted, 3);
  EXPECT_EQ(run("SELECT id, embedding <-> '[2,2,2]' AS d FROM item ORDER BY d LIMIT 1"),
            "knn:6|0\n");
  EXPECT_EQ(run("SELECT id FROM item ORDER BY '[1,1,0]' <-> embedding LIMIT 1"), "knn:4\n");
}

TEST_F(Nearest, limit_and_filter_take_parameters) {
  EXPECT_EQ(run("SELECT id FROM item WHERE category = $2 ORDER BY embedding <-> '[1,1,0]' LIMIT $1",
                {Value::integer(1), Value::text("blue")}),
            "knn:3\n");
  EXPECT_EQ(seen.filter_rows, 2U);
  EXPECT_EQ(run("SELECT id FROM item ORDER BY embedding <-> (SELECT embedding FROM item WHERE id "
                "= 6) LIMIT 1"),
            "knn:6\n");
}

TEST_F(Nearest, nulls_come_last) {
  EXPECT_EQ(run("SELECT id FROM item WHERE category = 'green' ORDER BY embedding <-> '[1,0,0]' "
                "LIMIT 5"),
            "knn:2\n5\n");
}

TEST_F(Nearest, joins_keep_the_order) {
  EXPECT_EQ(run("SELECT i.id, d.title FROM dept d JOIN item i ON i.id = d.id ORDER BY i.embedding "
                "<-> '[1,1,0]', i.id LIMIT 2"),
            "knn:4|Empty\n1|Engineering\n");
  EXPECT_EQ(run("SELECT i.id, d.title FROM item i LEFT JOIN dept d ON d.id = i.id WHERE i.category "
                "<> 'red' ORDER BY i.embedding <-> '[2,2,2]' LIMIT 1"),
            "knn:6|<null>\n");
  EXPECT_EQ(seen.filter_rows, 4U);
}

TEST_F(Nearest, lateral_searches_take_the_outer_row) {
  EXPECT_EQ(
      run("SELECT a.id, b.id FROM item a, LATERAL (SELECT id FROM item WHERE id <> a.id "
          "ORDER BY embedding <-> a.embedding, id LIMIT 1) b WHERE a.id IN (3, 6) ORDER BY 1"),
      "knn:3|1\n6|4\n");
  EXPECT_EQ(seen.searches, 2);
}

TEST_F(Nearest, other_queries_do_not) {
  EXPECT_EQ(run("SELECT id FROM item ORDER BY embedding <-> '[2,2,2]', id").substr(0, 2), "6\n");
  EXPECT_EQ(run("SELECT id FROM item ORDER BY embedding <-> '[2,2,2]' DESC, id LIMIT 2"), "5\n1\n");
  EXPECT_EQ(run("SELECT id FROM item ORDER BY embedding <=> '[1,1,1]', id LIMIT 1"), "6\n");
  EXPECT_EQ(run("SELECT count(*) FROM item GROUP BY embedding <-> '[0,0,1]' ORDER BY embedding <-> "
                "'[0,0,1]' LIMIT 1"),
            "1\n");
  EXPECT_EQ(run("SELECT id FROM item ORDER BY embedding <-> embedding, id LIMIT 1"), "1\n");
  EXPECT_EQ(run("SELECT id FROM item ORDER BY id, embedding <-> '[2,2,2]' LIMIT 1"), "1\n");
  query::PlanSettings off;
  off.enable_indexscan = false;
  EXPECT_EQ(run("SELECT id FROM item ORDER BY embedding <-> '[1,1,0]' LIMIT 1", {}, off), "4\n");
}

TEST_F(Nearest, explain_names_the_index) {
  query::PlanSettings settings;
  settings.for_explain = true;
  const query::Plan plan = fixture_.plan(
      "SELECT id FROM item WHERE category = 'red' ORDER BY embedding <-> '[1,1,0]' LIMIT 1",
      settings);
  std::vector<query::StorePlanRow> rows;
  storage::Statement statement =
      fixture_.connection().prepare("EXPLAIN QUERY PLAN " + std::string(explained_sql(plan)));
  while (statement.step()) {
    rows.push_back({static_cast<int>(statement.column(0).as_integer()),
                    static_cast<int>(statement.column(1).as_integer()),
                    std::string(statement.column(3).as_bytes())});
  }
  std::string all;
  for (const std::string& line : explain_lines(explain_plan(plan, rows))) all += line + "\n";
  EXPECT_EQ(all,
            "Sort\n"
            "  ->  Index Scan using item_embedding_idx on item\n"
            "        Order By: (embedding <-> '[1,1,0]'::vector)\n"
            "        Filter: (category = 'red'::text)\n"
            "        Filter Strategy: row by row; a scan of the matching rows when few match\n");
}

TEST(NearestPartial, needs_its_predicate_in_the_query) {
  // No index but a partial one.
  Fixture fixture(std::string(STORE_QUERIES_FOLDER) + "/tables.txt");
  query::IndexDesc index;
  index.oid = 30001;
  index.name = "red_only";
  index.method = "hnsw";
  index.predicate_text = "category = 'red'";
  query::IndexDesc::Key key;
  key.column = 2;
  key.type = {types::oids::vector, -1};
  for (const auto* operators : fixture.catalog().find_operator_classes("hnsw")) {
    if (operators->name == "vector_l2_ops") key.operator_class = operators->oid;
  }
  index.keys.push_back(key);
  fixture.catalog().add_index("item", std::move(index));
  const auto scans = [&](std::string_view sql) { return fixture.plan(sql).vector_scans.size(); };
  EXPECT_EQ(scans("SELECT id FROM item WHERE category = 'red' AND id > 1 ORDER BY embedding <-> "
                  "'[1,1,0]' LIMIT 1"),
            1U);
  EXPECT_EQ(scans("SELECT id FROM item WHERE category = 'blue' ORDER BY embedding <-> '[1,1,0]' "
                  "LIMIT 1"),
            0U);
}

}  // namespace
}  // namespace dvecdb::server::exec
