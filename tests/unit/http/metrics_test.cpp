#include "server/http/metrics.h"

#include <gtest/gtest.h>

namespace dvecdb::server::http {
namespace {

bool has(const Response& response, std::string_view line) {
  return response.body.find(std::string(line) + "\n") != std::string::npos;
}

MetricsInput input_with_tables(int count) {
  MetricsInput input;
  for (int i = 0; i < count; ++i) {
    const std::string table = "t" + std::to_string(i);
    input.engine.tables.push_back({"postgres", table, static_cast<double>(i)});
    exec::IndexFacts index;
    index.database = "postgres";
    index.table = table;
    index.index = table + "_idx";
    index.vectors = i;
    input.engine.indexes.push_back(index);
  }
  return input;
}

TEST(Metrics, TheLargestTablesHaveLabels) {
  MetricsInput input = input_with_tables(5);
  input.max_tables = 2;
  const Response response = Metrics().response(input);
  EXPECT_TRUE(has(response, "dvecdb_table_rows{database=\"postgres\",table=\"t4\"} 4"));
  EXPECT_TRUE(has(response, "dvecdb_table_rows{database=\"postgres\",table=\"t3\"} 3"));
  EXPECT_TRUE(has(response, "dvecdb_tables_unlabeled 3"));
  EXPECT_EQ(response.body.find("table=\"t2\""), std::string::npos);
}

TEST(Metrics, ANameOfATableIsNoSyntax) {
  MetricsInput input;
  input.engine.tables.push_back({"d\\b", "a\"\n}{", 7});
  EXPECT_TRUE(has(Metrics().response(input),
                  "dvecdb_table_rows{database=\"d\\\\b\",table=\"a\\\"\\n}{\"} 7"));
}

TEST(Metrics, WhatIsNotKnownIsNotShown) {
  MetricsInput input = input_with_tables(1);
  const auto shows = [&](std::string_view name) {
    return Metrics().response(input).body.find(std::string(name) + "{") != std::string::npos;
  };
  EXPECT_FALSE(shows("dvecdb_index_recall_ratio"));
  EXPECT_FALSE(shows("dvecdb_index_build_progress_ratio"));
  EXPECT_FALSE(shows("dvecdb_index_build_duration_seconds"));
  input.engine.indexes[0].recall = 0.97;
  input.engine.indexes[0].build_share = 0;
  input.engine.indexes[0].build_seconds = 1.5;
  EXPECT_TRUE(shows("dvecdb_index_recall_ratio"));
  EXPECT_TRUE(shows("dvecdb_index_build_progress_ratio"));
  EXPECT_TRUE(shows("dvecdb_index_build_duration_seconds"));
}

TEST(Metrics, StatementsAndRequestsAreCounted) {
  Metrics metrics;
  exec::StatementEvent statement;
  statement.tag = "SELECT";
  statement.milliseconds = 3;
  metrics.observe(statement);
  statement.is_search = true;
  metrics.observe(statement);
  statement.tag = "INSERT";
  statement.is_search = false;
  metrics.observe(statement);
  metrics.observe(RequestEvent{"GET", "/collections/{name}", 200, 1});
  metrics.observe(RequestEvent{"GET", "", 404, 1});
  metrics.observe(RequestEvent{"WHATEVER", "", 400, 1});
  const Response response = metrics.response({});
  for (const char* line :
       {"dvecdb_statements_total{command=\"SELECT\",sqlstate=\"00000\"} 2",
        "dvecdb_statement_duration_seconds_count 3", "dvecdb_search_duration_seconds_count 1",
        "dvecdb_insert_duration_seconds_count 1",
        "dvecdb_http_requests_total{method=\"GET\",route=\"/collections/{name}\",status=\"200\"} 1",
        "dvecdb_http_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"} 1",
        "dvecdb_http_requests_total{method=\"other\",route=\"unmatched\",status=\"400\"} 1",
        "dvecdb_http_request_duration_seconds_count 3"}) {
    EXPECT_TRUE(has(response, line)) << line << "\n" << response.body;
  }
}

TEST(Metrics, HistogramsOfTheStoreAddUp) {
  storage::DurationCounter counter;
  counter.add(std::chrono::microseconds(30));
  counter.add(std::chrono::milliseconds(2));
  counter.add(std::chrono::seconds(100));
  MetricsInput input;
  input.engine.commits = counter.counts();
  const Response response = Metrics().response(input);
  EXPECT_TRUE(has(response, "dvecdb_commit_duration_seconds_bucket{le=\"5e-05\"} 1"))
      << response.body;
  EXPECT_TRUE(has(response, "dvecdb_commit_duration_seconds_bucket{le=\"0.0025\"} 2"));
  EXPECT_TRUE(has(response, "dvecdb_commit_duration_seconds_bucket{le=\"10\"} 2"));
  EXPECT_TRUE(has(response, "dvecdb_commit_duration_seconds_bucket{le=\"+Inf\"} 3"));
  EXPECT_TRUE(has(response, "dvecdb_commit_duration_seconds_count 3"));
}

TEST(Metrics, MeasuresThisProcess) {
  const ProcessUse use = measure_process();
  EXPECT_GT(use.start_time, 1.6e9);
  EXPECT_GT(use.resident_bytes, 1 << 20);
  EXPECT_GT(use.virtual_bytes, use.resident_bytes);
  EXPECT_GT(use.open_files, 2);
  EXPECT_GE(use.max_files, use.open_files);
}

}  // namespace
}  // namespace dvecdb::server::http
