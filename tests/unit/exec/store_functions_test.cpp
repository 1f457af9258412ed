#include "server/exec/store_functions.h"

#include <gtest/gtest.h>

#include "server/functions/call_types.h"
#include "server/functions/function.h"
#include "server/query/rows_from.h"
#include "server/storage/connection.h"
#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/record.h"

namespace dvecdb::server::exec {
namespace {

using functions::Aggregate;
using functions::CallTypes;
using functions::FunctionContext;
using functions::Registry;
using functions::RowSource;
using types::SqlError;
using types::Value;
namespace oids = types::oids;

Value add_or_fail(const FunctionContext&, std::span<const Value> arguments) {
  const std::int64_t sum = arguments[0].as_integer() + arguments[1].as_integer();
  if (sum > 1000) throw SqlError("22003", "integer out of range");
  return Value::integer(sum);
}
Value count_nulls(const FunctionContext&, std::span<const Value> arguments) {
  std::int64_t nulls = 0;
  for (const Value& value : arguments) nulls += value.is_null() ? 1 : 0;
  return Value::integer(nulls);
}
Value first_type(const FunctionContext& context, std::span<const Value>) {
  return Value::integer(context.call.arguments.at(0).oid);
}

class ListAggregate final : public Aggregate {
 public:
  void step(const FunctionContext&, std::span<const Value> arguments) override {
    text_ += std::to_string(arguments[0].as_integer()) + ",";
  }
  Value result(const FunctionContext&) const override { return Value::text(text_); }

 private:
  std::string text_;
};

class CountTo final : public RowSource {
 public:
  explicit CountTo(std::int64_t end) : end_(end) {}
  bool next(const FunctionContext&, std::vector<Value>& row) override {
    if (at_ == end_) return false;
    row.at(0) = Value::integer(++at_);
    return true;
  }

 private:
  std::int64_t at_ = 0;
  std::int64_t end_;
};

class StoreFunctions : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    static constexpr functions::ScalarEntry scalars[] = {
        {"test_add", add_or_fail}, {"test_nulls", count_nulls}, {"test_type", first_type, true}};
    static constexpr functions::AggregateEntry aggregates[] = {
        {"test_list", [](const CallTypes&) -> std::unique_ptr<Aggregate> {
           return std::make_unique<ListAggregate>();
         }}};
    static constexpr functions::SetEntry sets[] = {
        {"test_count",
         [](const FunctionContext&,
            std::span<const Value> arguments) -> std::unique_ptr<RowSource> {
           return std::make_unique<CountTo>(arguments[0].as_integer());
         }}};
    Registry::instance().add(std::span<const functions::ScalarEntry>(scalars));
    Registry::instance().add(std::span<const functions::AggregateEntry>(aggregates));
    Registry::instance().add(std::span<const functions::SetEntry>(sets));
  }

  StoreFunctions() : connection_({.path = ":memory:"}) { register_store_functions(connection_); }

  // All rows as text: values by '|', rows by newline; NULL as "-", blobs by size.
  std::string run(std::string_view sql, const std::vector<Value>& parameters = {}) {
    storage::Statement statement = connection_.prepare(sql);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      statement.bind(static_cast<int>(i + 1), parameters[i]);
    }
    std::string out;
    while (statement.step()) {
      if (!out.empty()) out += '\n';
      for (int i = 0; i < statement.column_count(); ++i) {
        out += (i > 0 ? "|" : "") + show(statement.column(i));
      }
    }
    return out;
  }
  static std::string show(const Value& value) {
    switch (value.kind()) {
      case Value::Kind::null:
        return "-";
      case Value::Kind::integer:
        return std::to_string(value.as_integer());
      case Value::Kind::real:
        return std::to_string(value.as_real());
      case Value::Kind::text:
        return std::string(value.as_bytes());
      case Value::Kind::blob:
        return "blob" + std::to_string(value.as_bytes().size());
    }
    return "";
  }
  std::string error_of(std::string_view sql) {
    try {
      run(sql);
    } catch (const SqlError& error) {
      return error.sqlstate() + " " + error.what();
    }
    return "no error";
  }
  static Value int_array(std::vector<Value> values) {
    return types::encode_array(types::make_array(oids::int4, std::move(values)));
  }

  storage::Connection connection_;
};

TEST_F(StoreFunctions, strict_scalars_answer_null_without_a_call) {
  EXPECT_EQ(run("SELECT s_test_add(1, 2), s_test_add(1, NULL), s_test_nulls(NULL)"), "3|-|-");
  EXPECT_EQ(run("SELECT f_test_nulls(NULL, 1, NULL)"), "2");
}

TEST_F(StoreFunctions, many_arguments_reach_the_function) {
  EXPECT_EQ(run("SELECT f_test_nulls(1,2,3,4,5,NULL,7,8,NULL)"), "2");
}

TEST_F(StoreFunctions, typed_scalars_get_their_types) {
  EXPECT_EQ(run("SELECT f_test_type('25,-1>16,-1', column1) FROM (VALUES (1), (2))"), "25\n25");
}

TEST_F(StoreFunctions, an_error_comes_out_as_it_was_thrown) {
  EXPECT_EQ(error_of("SELECT s_test_add(1000, 1)"), "22003 integer out of range");
  EXPECT_EQ(run("SELECT s_test_add(1, 1)"), "2");
}

TEST_F(StoreFunctions, functions_serve_expression_indexes) {
  connection_.execute(
      "CREATE TABLE t(c1); CREATE INDEX i ON t(s_test_add(c1, 1));"
      "INSERT INTO t VALUES (1), (5)");
  EXPECT_EQ(run("SELECT c1 FROM t WHERE s_test_add(c1, 1) = 6"), "5");
  EXPECT_NE(run("EXPLAIN QUERY PLAN SELECT c1 FROM t WHERE s_test_add(c1, 1) = 6").find("INDEX i"),
            std::string::npos);
}

TEST_F(StoreFunctions, aggregates_and_moving_frames) {
  const std::string types = "'23,-1>25,-1'";
  EXPECT_EQ(run("SELECT a_test_list(" + types + ", column1) FROM (VALUES (3), (1), (2))"),
            "3,1,2,");
  EXPECT_EQ(run("SELECT a_test_list(" + types + ", 1) WHERE 0"), "-");
  EXPECT_EQ(run("SELECT w_test_list(" + types +
                ", column1) OVER (ORDER BY column1 ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) "
                "FROM (VALUES (3), (1), (2))"),
            "1,\n1,2,\n2,3,");
}

TEST_F(StoreFunctions, ordered_and_distinct_aggregates) {
  const std::string from = " FROM (VALUES (3, 1), (1, 5), (NULL, 7), (3, 9), (2, 0))";
  const std::string head = "SELECT ordered_aggregate('test_list', '23,-1>25,-1', ";
  EXPECT_EQ(run(head + "'-1;1,23,d,f', column1, column2)" + from), "3,0,1,3,2,");
  EXPECT_EQ(run(head + "'d1;0,23,a,l', column1)" + from + " WHERE column1 > 0"), "1,2,3,");
  EXPECT_EQ(run(head + "'d1;0,23,d,l', column1)" + from + " WHERE column1 > 0"), "3,2,1,");
}

TEST_F(StoreFunctions, sublink_aggregates) {
  EXPECT_EQ(run("SELECT single_row(column1) FROM (VALUES (3))"), "3");
  EXPECT_EQ(run("SELECT single_row(1) WHERE 0"), "-");
  EXPECT_EQ(error_of("SELECT single_row(column1) FROM (VALUES (3), (4))"),
            "21000 more than one row returned by a subquery used as an expression");
  EXPECT_EQ(run("SELECT bool_any(column1), bool_all(column1) FROM (VALUES (1), (NULL))"), "1|-");
  EXPECT_EQ(run("SELECT bool_any(column1), bool_all(column1) FROM (VALUES (0), (NULL))"), "-|0");
  EXPECT_EQ(run("SELECT bool_any(1), bool_all(1) WHERE 0"), "0|1");
}

TEST_F(StoreFunctions, limits) {
  EXPECT_EQ(run("SELECT limit_count(NULL), offset_count(NULL), limit_sum(3, 2), limit_sum(NULL, 2),"
                "limit_hint(-1)"),
            "-1|0|5|-1|0");
  EXPECT_EQ(error_of("SELECT limit_count(-1)"), "2201W LIMIT must not be negative");
  EXPECT_EQ(error_of("SELECT offset_count(-1)"), "2201X OFFSET must not be negative");
}

TEST_F(StoreFunctions, array_elements) {
  const Value array = int_array({Value::integer(7), Value::null(), Value::integer(9)});
  EXPECT_EQ(run("SELECT value, ordinality FROM array_elements(?1)", {array}), "7|1\n-|2\n9|3");
  EXPECT_EQ(run("SELECT 9 IN (SELECT value FROM array_elements(?1)), "
                "8 IN (SELECT value FROM array_elements(?1))",
                {array}),
            "1|-");
  EXPECT_EQ(run("SELECT value FROM array_elements(NULL)"), "-");
  EXPECT_EQ(run("SELECT t.column1, e.value FROM (SELECT ?1 AS column1) t0, (VALUES (1), (2)) t, "
                "array_elements(t0.column1) e WHERE e.ordinality = t.column1",
                {array}),
            "1|7\n2|-");
}

TEST_F(StoreFunctions, subscripts_and_slices) {
  const Value array = int_array({Value::integer(7), Value::integer(8), Value::integer(9)});
  EXPECT_EQ(run("SELECT array_subscript(?1, 2), array_subscript(?1, 4), array_subscript(?1, 1, 1)",
                {array}),
            "8|-|-");
  EXPECT_EQ(run("SELECT value FROM array_elements(array_slice(?1, 'b', 2, 5))", {array}), "8\n9");
  EXPECT_EQ(run("SELECT value FROM array_elements(array_slice(?1, 'u', 1))", {array}), "7");
  EXPECT_EQ(run("SELECT array_subscript(array_value(23, 1, ?1, ?1), 2, 3)", {array}), "9");
  EXPECT_EQ(error_of("SELECT array_value(23, 1, array_value(23, 0, 1), array_value(23, 0, 1, 2))"),
            "2202E multidimensional arrays must have array expressions with matching dimensions");
  EXPECT_EQ(run("SELECT value FROM array_elements((SELECT array_build(23, 0, column1) FROM "
                "(VALUES (2), (1))))"),
            "2\n1");
}

TEST_F(StoreFunctions, rows_from_pads_the_shorter_function) {
  const std::string types = functions::write_call_types({{{oids::int4, -1}}, {oids::int4, -1}});
  const query::RowsFromCall set{query::RowsFromKind::set, "test_count", true, 1, 1, types};
  const Value spec = Value::text(query::write_rows_from({set, set}));
  EXPECT_EQ(run("SELECT c1, c2, ordinality FROM rows_from(?1, 1, 3)", {spec}),
            "1|1|1\n-|2|2\n-|3|3");
  EXPECT_EQ(
      run("SELECT t.column1, r.c1 FROM (VALUES (2), (0), (1)) t, rows_from(?1, t.column1, 0) r",
          {spec}),
      "2|1\n2|2\n1|1");
  EXPECT_EQ(run("SELECT count(*) FROM rows_from(?1, NULL, NULL)", {spec}), "0");
}

TEST_F(StoreFunctions, rows_from_takes_rows_and_values) {
  const query::RowsFromCall record{query::RowsFromKind::record, "", false, 2, 1, ">2249,-1"};
  const query::RowsFromCall value{query::RowsFromKind::value, "", false, 1, 1, ">23,-1"};
  EXPECT_EQ(run("SELECT c1, c2, c3 FROM rows_from(?1, ?2, 5)",
                {Value::text(query::write_rows_from({record, value})),
                 types::encode_record({{{oids::int4, -1}, Value::integer(1)},
                                       {{oids::text, -1}, Value::text("x")}})}),
            "1|x|5");
}

TEST_F(StoreFunctions, records) {
  const std::string types = functions::write_call_types(
      {{}, {oids::record, -1}, {{"a", {oids::int4, -1}}, {"b|,", {oids::text, -1}}}});
  EXPECT_EQ(run("SELECT record_field(r, 2), row_is_null(r), row_is_not_null(r) FROM "
                "(SELECT record_construct(?1, 1, NULL) AS r)",
                {Value::text(types)}),
            "-|0|0");
}

TEST_F(StoreFunctions, lateral_runs_a_statement_for_each_row) {
  connection_.execute("CREATE TABLE t(g, x); INSERT INTO t VALUES (1, 10), (1, 11), (2, 20)");
  EXPECT_EQ(run("SELECT o.column1, l.c1 FROM (VALUES (1), (2), (3)) o LEFT JOIN "
                "lateral('SELECT x FROM t WHERE g = ?1 ORDER BY x DESC LIMIT 1', o.column1) l"),
            "1|11\n2|20\n3|-");
  EXPECT_EQ(error_of("SELECT c1 FROM lateral('SELECT s_test_add(1000, ?1)', 1)"),
            "22003 integer out of range");
}

TEST_F(StoreFunctions, registration_is_cheap) {
  const auto start = std::chrono::steady_clock::now();
  storage::Connection another({.path = ":memory:"});
  register_store_functions(another);
  const auto spent = std::chrono::steady_clock::now() - start;
  EXPECT_LT(std::chrono::duration_cast<std::chrono::milliseconds>(spent).count(), 100);
}

}  // namespace
}  // namespace dvecdb::server::exec
