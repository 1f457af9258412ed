// What bench/pgvector makes of its measures, and the statements that it measures with.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "bench/pgvector/contender.h"
#include "bench/pgvector/options.h"
#include "bench/pgvector/rates.h"
#include "bench/pgvector/report.h"

namespace dvecdb::bench::pgvector {
namespace {

class MeasuresTest : public testing::Test {
 protected:
  MeasuresTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path_ = testing::TempDir() + "dvecdb-" + test->name() + ".csv";
    std::filesystem::remove(path_);
  }
  ~MeasuresTest() override { std::filesystem::remove(path_); }

  static void add(Results& results, const std::string& contender, const std::string& name,
                  double value) {
    results.add({.set = "s", .contender = contender, .name = name, .value = value});
  }
  static void add_point(Results& results, const std::string& contender, std::size_t ef,
                        double recall, double rate) {
    Measure point;
    point.set = "s";
    point.contender = contender;
    point.name = "memory searches/s";
    point.value = rate;
    point.clients = 4;
    point.ef = ef;
    point.recall = recall;
    results.add(point);
  }

  static std::string line_of(const Results& results, const std::string& target) {
    const std::vector<std::string> lines = target_lines(results);
    const auto found = std::find_if(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.starts_with("TARGET s/" + target + ": ");
    });
    return found == lines.end() ? "" : *found;
  }

  std::string path_;
};

TEST_F(MeasuresTest, AreThereAgainAndTheLastOfOneCounts) {
  {
    Results results(path_);
    add(results, "ours", "build seconds", 5);
    add(results, "ours", "build seconds", 4);
    add_point(results, "ours", 40, 0.98765, 1234);
  }
  const Results again(path_);
  EXPECT_EQ(again.all().size(), 2U);
  EXPECT_EQ(again.find("s", "ours", "build seconds"), 4);
  EXPECT_LT(again.find("s", "pgvector", "build seconds"), 0);
  EXPECT_EQ(again.all()[1].ef, 40U);
  EXPECT_DOUBLE_EQ(again.all()[1].recall, 0.98765);
}

TEST_F(MeasuresTest, DamagedFilesAreRefused) {
  std::ofstream(path_) << "something else\n";
  EXPECT_THROW(Results{path_}, std::runtime_error);
}

TEST_F(MeasuresTest, SpeedsAreComparedAtEqualRecall) {
  Results results(path_);
  add_point(results, "pgvector", 10, 0.90, 400);
  add_point(results, "pgvector", 20, 1.00, 100);
  add_point(results, "ours", 10, 0.95, 1010);
  add_point(results, "ours", 20, 1.00, 900);
  // Between two points the logarithm is linear in recall: 400 and 100 make 200 in the middle.
  EXPECT_NEAR(*searches_at(results, "s", "pgvector", {"memory", 4}, 0.95), 200, 1e-6);
  EXPECT_EQ(line_of(results, "memory-4-clients-recall-0.95"),
            "TARGET s/memory-4-clients-recall-0.95: ours 1010/s, peer pgvector 200/s, ratio 5.05, "
            "goal 5, met");
  EXPECT_TRUE(line_of(results, "memory-4-clients-recall-0.999").ends_with(", met"));
  add_point(results, "ours", 10, 0.95, 990);
  EXPECT_TRUE(line_of(results, "memory-4-clients-recall-0.95").ends_with(", short"));
}

TEST_F(MeasuresTest, ARecallThatOursDoesNotReachIsShort) {
  Results results(path_);
  add_point(results, "pgvector", 10, 1.0, 400);
  add_point(results, "ours", 10, 0.98, 10000);
  EXPECT_EQ(line_of(results, "memory-4-clients-recall-0.99"),
            "TARGET s/memory-4-clients-recall-0.99: ours not reached, peer pgvector 400/s, ratio "
            "-, goal 5, short");
}

TEST_F(MeasuresTest, AFasterBuildCountsAtEqualRecallOnly) {
  Results results(path_);
  add(results, "pgvector", "build seconds", 30);
  add(results, "ours", "build seconds", 9);
  add_point(results, "pgvector", 40, 0.95, 400);
  add_point(results, "ours", 40, 0.95, 400);
  EXPECT_TRUE(line_of(results, "build-time").ends_with(", met"));
  add_point(results, "ours", 40, 0.94, 400);
  EXPECT_TRUE(line_of(results, "build-time").ends_with(", short"));
}

TEST_F(MeasuresTest, BytesMayBeMoreWhereDimensionsAreFew) {
  Results results(path_);
  add(results, "pgvector", "index bytes", 100);
  add(results, "ours", "index bytes", 240);
  add(results, "pgvector", "dimensions", 128);
  EXPECT_TRUE(line_of(results, "index-bytes").ends_with("goal 2.50 or less, met"));
  add(results, "pgvector", "dimensions", 768);
  EXPECT_TRUE(line_of(results, "index-bytes").ends_with("goal 1.50 or less, short"));
}

TEST_F(MeasuresTest, LessWriteAheadLogIsBetterMoreRowsAre) {
  Results results(path_);
  add(results, "pgvector", "insert WAL bytes/row", 3000);
  add(results, "ours", "insert WAL bytes/row", 1001);
  add(results, "pgvector", "insert rows/s", 100);
  add(results, "ours", "insert rows/s", 300);
  EXPECT_TRUE(line_of(results, "insert-wal").ends_with(", short"));
  EXPECT_TRUE(line_of(results, "insert-rate").ends_with(", met"));
}

TEST(Contenders, AreReadFromTheCommandLine) {
  const Contender one = parse_contender("ours;host=/x dbname=y;layout = compact");
  EXPECT_EQ(one.name, "ours");
  EXPECT_EQ(one.conninfo, "host=/x dbname=y");
  EXPECT_EQ(one.index_options, "layout = compact");
  EXPECT_THROW(parse_contender("ours"), std::invalid_argument);
  EXPECT_THROW(parse_options({"prepare"}), std::invalid_argument);
  EXPECT_THROW(parse_options({"prepare", "--out", "x", "--place", "moon"}), std::invalid_argument);
}

TEST(Contenders, GetTheirIndexOptions) {
  ann::VectorSet set;
  set.name = "two";
  set.metric = ann::Metric::cosine;
  set.base = ann::Vectors(1, 2);
  const Table table({"ours-compact", "", "layout = compact"}, set);
  EXPECT_EQ(table.create_index(16, 64),
            "CREATE INDEX \"ours-compact two hnsw\" ON \"ours-compact two\" USING hnsw "
            "(v vector_cosine_ops) WITH (m = 16, ef_construction = 64, layout = compact)");
  EXPECT_EQ(table.search(), "SELECT id FROM \"ours-compact two\" ORDER BY v <=> $1 LIMIT 10");
}

TEST(Contenders, RowsOfCopyAreInItsBinaryFormat) {
  const float vector[] = {1.0F};
  const std::string row = copy_row(258, vector, 1);
  // Two fields; four bytes of id; eight bytes of vector: one dimension, unused, 1.0.
  EXPECT_EQ(row, std::string("\0\2\0\0\0\4\0\0\1\2\0\0\0\10\0\1\0\0\x3f\x80\0\0", 22));
}

}  // namespace
}  // namespace dvecdb::bench::pgvector
