// The extended protocol through libpq: text and binary parameters and results.
#include <gtest/gtest.h>

#include <bit>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "demo/client.h"

namespace {

using dvecdb::demo::BinaryWriter;
using dvecdb::demo::Result;

struct Parameter {
  std::string bytes;
  bool is_binary = false;
};

class LibpqClient : public testing::Test {
 protected:
  LibpqClient() : connection_(PQconnectdb(std::getenv("TEST_DSN")), PQfinish) {}

  Result run(const std::string& sql, const std::vector<Parameter>& parameters, bool binary_result) {
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
    for (const Parameter& parameter : parameters) {
      values.push_back(parameter.bytes.c_str());
      lengths.push_back(static_cast<int>(parameter.bytes.size()));
      formats.push_back(parameter.is_binary ? 1 : 0);
    }
    return Result(PQexecParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()),
                               nullptr, values.data(), lengths.data(), formats.data(),
                               binary_result ? 1 : 0));
  }

  std::string sqlstate(const Result& result) {
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    return state == nullptr ? "" : state;
  }

  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

std::string int32_bytes(std::int32_t value) {
  return BinaryWriter().int32(value).bytes();
}

TEST_F(LibpqClient, BinaryNumbersBothWays) {
  const Result result = run("SELECT $1::int4 + $2::int4", {{int32_bytes(40), true}, {"2"}}, true);
  ASSERT_EQ(PQresultStatus(result.get()), PGRES_TUPLES_OK) << PQerrorMessage(connection_.get());
  EXPECT_EQ(result.text(0, 0), int32_bytes(42));
}

TEST_F(LibpqClient, BinaryVectorsBothWays) {
  const std::vector<float> elements = {1.5F, -2, 3e9F};
  const std::string bytes = dvecdb::demo::vector_bytes(elements);
  const Result result = run("SELECT $1::vector, $1::vector <-> $1::vector", {{bytes, true}}, true);
  ASSERT_EQ(PQresultStatus(result.get()), PGRES_TUPLES_OK) << PQerrorMessage(connection_.get());
  EXPECT_EQ(result.text(0, 0), bytes);
  EXPECT_EQ(run("SELECT $1::vector", {{bytes, true}}, false).text(0, 0), "[1.5,-2,3e+09]");
}

TEST_F(LibpqClient, InfersParameterTypesFromUse) {
  run("DROP TABLE IF EXISTS inferred", {}, false);
  run("CREATE TABLE inferred (id int PRIMARY KEY, embedding vector(2), note text)", {}, false);
  const std::vector<float> elements = {1, 2};
  const Result insert = run(
      "INSERT INTO inferred VALUES ($1, $2, $3)",
      {{int32_bytes(1), true}, {dvecdb::demo::vector_bytes(elements), true}, {"plain text", false}},
      false);
  EXPECT_STREQ(PQcmdTuples(insert.get()), "1") << PQerrorMessage(connection_.get());
  Result prepared(PQprepare(connection_.get(), "near",
                            "SELECT id FROM inferred ORDER BY embedding <-> $1 LIMIT $2", 0,
                            nullptr));
  ASSERT_EQ(PQresultStatus(prepared.get()), PGRES_COMMAND_OK);
  const Result described(PQdescribePrepared(connection_.get(), "near"));
  ASSERT_EQ(PQnparams(described.get()), 2);
  const Result type = run("SELECT 'vector'::regtype::oid::int4", {}, false);
  EXPECT_EQ(std::to_string(PQparamtype(described.get(), 0)), type.text(0, 0));
  EXPECT_EQ(PQparamtype(described.get(), 1), 20U);
  EXPECT_EQ(PQftype(described.get(), 0), 23U);
}

TEST_F(LibpqClient, DescribesResultColumns) {
  run("DROP TABLE IF EXISTS described", {}, false);
  run("CREATE TABLE described (a int, b varchar(7), c numeric(5,2))", {}, false);
  const Result result = run("SELECT a, b, c, a + 1 FROM described", {}, false);
  EXPECT_EQ(PQftype(result.get(), 0), 23U);
  EXPECT_EQ(PQfmod(result.get(), 1), 11);
  EXPECT_EQ(PQftype(result.get(), 2), 1700U);
  EXPECT_STREQ(PQfname(result.get(), 3), "?column?");
  EXPECT_NE(PQftable(result.get(), 0), 0U);
  EXPECT_EQ(PQftablecol(result.get(), 1), 2);
  EXPECT_EQ(PQftable(result.get(), 3), 0U);
}

TEST_F(LibpqClient, RefusesMalformedBinary) {
  const Result result = run("SELECT $1::int4", {{std::string("abc"), true}}, false);
  EXPECT_EQ(sqlstate(result), "08P01");
  const Result longer = run("SELECT $1::int4", {{std::string("abcde"), true}}, false);
  EXPECT_EQ(sqlstate(longer), "22P03");
  const Result vector = run("SELECT $1::vector", {{std::string("\0\3\0\0x", 5), true}}, false);
  EXPECT_EQ(sqlstate(vector), "08P01");
  EXPECT_EQ(run("SELECT 1", {}, false).text(0, 0), "1");
}

TEST_F(LibpqClient, ErrorsCarryPositionAndNames) {
  const Result result = run("SELECT 1, missing_column", {}, false);
  EXPECT_EQ(sqlstate(result), "42703");
  EXPECT_STREQ(PQresultErrorField(result.get(), PG_DIAG_STATEMENT_POSITION), "11");
  run("DROP TABLE IF EXISTS named", {}, false);
  run("CREATE TABLE named (id int CONSTRAINT only_one UNIQUE)", {}, false);
  run("INSERT INTO named VALUES (1)", {}, false);
  const Result violation = run("INSERT INTO named VALUES (1)", {}, false);
  EXPECT_STREQ(PQresultErrorField(violation.get(), PG_DIAG_CONSTRAINT_NAME), "only_one");
  EXPECT_STREQ(PQresultErrorField(violation.get(), PG_DIAG_TABLE_NAME), "named");
}

TEST_F(LibpqClient, SingleRowModeStreams) {
  ASSERT_EQ(PQsendQuery(connection_.get(), "SELECT g FROM generate_series(1, 5000) g"), 1);
  ASSERT_EQ(PQsetSingleRowMode(connection_.get()), 1);
  int rows = 0;
  while (PGresult* next = PQgetResult(connection_.get())) {
    const Result result(next);
    if (PQresultStatus(next) == PGRES_SINGLE_TUPLE) ++rows;
  }
  EXPECT_EQ(rows, 5000);
}

TEST_F(LibpqClient, PipelinesStatements) {
  ASSERT_EQ(PQenterPipelineMode(connection_.get()), 1);
  for (int i = 0; i < 3; ++i) {
    const std::string number = std::to_string(i);
    const char* value = number.c_str();
    PQsendQueryParams(connection_.get(), "SELECT $1::int * 10", 1, nullptr, &value, nullptr,
                      nullptr, 0);
  }
  PQpipelineSync(connection_.get());
  for (int i = 0; i < 3; ++i) {
    const Result result(PQgetResult(connection_.get()));
    EXPECT_EQ(result.text(0, 0), std::to_string(i * 10));
    EXPECT_EQ(PQgetResult(connection_.get()), nullptr);
  }
  const Result sync(PQgetResult(connection_.get()));
  EXPECT_EQ(PQresultStatus(sync.get()), PGRES_PIPELINE_SYNC);
  EXPECT_EQ(PQexitPipelineMode(connection_.get()), 1);
}

TEST_F(LibpqClient, BinaryCopyBothWays) {
  run("DROP TABLE IF EXISTS copied", {}, false);
  run("CREATE TABLE copied (id int, embedding vector(2))", {}, false);
  const Result begin(PQexec(connection_.get(), "COPY copied FROM STDIN (FORMAT binary)"));
  ASSERT_EQ(PQresultStatus(begin.get()), PGRES_COPY_IN);
  const std::vector<float> elements = {0.5F, 7};
  BinaryWriter writer;
  writer.raw(std::string_view("PGCOPY\n\377\r\n\0", 11)).int32(0).int32(0);
  const std::string embedding = dvecdb::demo::vector_bytes(elements);
  writer.int16(2).int32(4).int32(5);
  writer.int32(static_cast<int>(embedding.size())).raw(embedding);
  writer.int16(2).int32(-1).int32(-1).int16(-1);
  // In pieces that cut fields, as a network may.
  for (const char byte : writer.bytes()) PQputCopyData(connection_.get(), &byte, 1);
  PQputCopyEnd(connection_.get(), nullptr);
  const Result end(PQgetResult(connection_.get()));
  EXPECT_STREQ(PQcmdStatus(end.get()), "COPY 2") << PQerrorMessage(connection_.get());
  EXPECT_EQ(PQgetResult(connection_.get()), nullptr);

  const Result out(PQexec(connection_.get(), "COPY copied TO STDOUT (FORMAT binary)"));
  ASSERT_EQ(PQresultStatus(out.get()), PGRES_COPY_OUT);
  std::string bytes;
  char* piece = nullptr;
  int length = 0;
  while ((length = PQgetCopyData(connection_.get(), &piece, 0)) > 0) {
    bytes.append(piece, static_cast<std::size_t>(length));
    PQfreemem(piece);
  }
  EXPECT_EQ(bytes, writer.bytes());
}

}  // namespace
