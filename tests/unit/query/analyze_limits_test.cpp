// Statements that nest deeply or are broken: an answer or an SqlError, never a crash.
#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "server/query/analyze.h"
#include "server/query/deparse.h"
#include "server/query/parse_limits.h"
#include "server/types/error.h"
#include "tests/unit/query/test_catalog.h"

namespace dvecdb::server::query {
namespace {

// The SQLSTATE of what happens, "" when it works. The printed tree is analyzed again.
std::string state_of(const std::string& statement, bool print = false) {
  const TestContext context;
  try {
    for (const RawStatement& raw : parse(statement)) {
      if (!raw.is_query) continue;
      ParamTypes params;
      const QueryPtr query = analyze(context.of(statement), raw, params);
      if (print && query->command == CommandKind::select) {
        deparse_query(TestCatalog::instance(), *query, PrintStyle::indented);
      }
    }
    return "";
  } catch (const types::SqlError& error) {
    return error.sqlstate();
  }
}

std::string repeat(std::string_view text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

TEST(AnalyzeLimitsTest, AcceptsWhatPeopleWrite) {
  EXPECT_EQ(state_of("SELECT 1" + repeat(" + 1", 500)), "");
  EXPECT_EQ(state_of("SELECT " + repeat("(", 500) + "1" + repeat(")", 500)), "");
  EXPECT_EQ(state_of("SELECT x FROM a WHERE x = 1" + repeat(" OR x = 2", 20000)), "");
  EXPECT_EQ(state_of("SELECT 1 IN (1" + repeat(", 2", 50000) + ")"), "");
  EXPECT_EQ(state_of("INSERT INTO a VALUES (1, 'x')" + repeat(", (2, 'y')", 30000)), "");
  EXPECT_EQ(state_of("SELECT 1" + repeat(" UNION ALL SELECT 2", 300)), "");
}

TEST(AnalyzeLimitsTest, RefusesWhatNestsTooDeeply) {
  const std::string too_deep = "54001";
  EXPECT_EQ(state_of("SELECT 1" + repeat("+1", 100'000)), too_deep);
  EXPECT_EQ(state_of("SELECT 1" + repeat("+1", 5'000)), too_deep);
  EXPECT_EQ(state_of("SELECT 1" + repeat("+1", 5'000'000)), too_deep);
  EXPECT_EQ(state_of("SELECT 1" + repeat("::int", 50'000)), too_deep);
  EXPECT_EQ(state_of("SELECT " + repeat("lower(", 4000) + "'x'" + repeat(")", 4000)), too_deep);
  EXPECT_EQ(state_of("SELECT " + repeat("(SELECT ", 3000) + "1" + repeat(")", 3000)), too_deep);
  EXPECT_EQ(state_of("SELECT 1" + repeat(" UNION SELECT 1", 30'000)), too_deep);
  EXPECT_EQ(state_of("SELECT 1, 1" + repeat(" UNION SELECT 1, 1", 1'000'000)), too_deep);
  EXPECT_EQ(state_of("SELECT 1 FROM a" + repeat(" NATURAL JOIN b", 30'000)), too_deep);
  EXPECT_EQ(state_of("SELECT 1 FROM a" + repeat(" JOIN b ON true AND true", 500'000)), too_deep);
  EXPECT_EQ(state_of("SELECT " + repeat("array[", 4000) + "1" + repeat("]", 4000)), too_deep);
  EXPECT_EQ(state_of("SELECT " + repeat("row(", 4000) + "1" + repeat(")", 4000)), too_deep);
  EXPECT_EQ(state_of("WITH RECURSIVE t AS (SELECT 1" + repeat("+1", 40'000) + ") SELECT 1"),
            too_deep);
}

TEST(AnalyzeLimitsTest, ReportsSyntaxErrorsWithPositions) {
  try {
    parse("SELECT 'é', 1 FROM FROM a");
    FAIL();
  } catch (const types::SqlError& error) {
    EXPECT_EQ(error.sqlstate(), "42601");
    EXPECT_EQ(error.fields().position, 20);
    EXPECT_STREQ(error.what(), "syntax error at or near \"FROM\"");
  }
  EXPECT_EQ(state_of("SELECT '"), "42601");
  EXPECT_EQ(state_of("SELECT " + repeat("(", 20'000) + "1"), "54001");
  EXPECT_EQ(state_of(""), "");
  EXPECT_EQ(state_of(";;"), "");
}

TEST(AnalyzeLimitsTest, SplitsStatements) {
  const std::string text = " SELECT 1; \n-- one\nSELECT 'a;b' ;";
  const auto raw = parse(text);
  ASSERT_EQ(raw.size(), 2U);
  EXPECT_EQ(text.substr(raw[0].begin, raw[0].length), "SELECT 1");
  EXPECT_EQ(text.substr(raw[1].begin, raw[1].length), "-- one\nSELECT 'a;b'");
  EXPECT_EQ(command_tag(parse("drop table a")[0]), "DROP TABLE");
  EXPECT_EQ(command_tag(parse("rollback to x")[0]), "ROLLBACK");
}

TEST(AnalyzeLimitsTest, BoundsNesting) {
  EXPECT_EQ(nesting_bound("a b c"), 3U);
  EXPECT_EQ(nesting_bound("a, b, c d"), 2U);
  EXPECT_LE(nesting_bound("(1, 2), (3, 4)"), 3U);
  EXPECT_EQ(nesting_bound("'a b c' \"d e\" /* f g */ $x$ h i $x$ -- j\n"), 3U);
  EXPECT_EQ(nesting_bound("E'\\' x' y"), 2U);
  EXPECT_EQ(nesting_bound("a or b or c and d"), 2U);
  EXPECT_GE(nesting_bound("a, b union c, d UNION e, f Join g"), 4U);
}

std::vector<std::string> case_statements() {
  std::vector<std::string> statements;
  for (const char* file : {"analyze_cases.txt", "deparse_cases.txt"}) {
    std::ifstream in(std::string(DVECDB_SOURCE_DIR) + "/tests/unit/query/" + file);
    std::string line;
    while (std::getline(in, line)) {
      if (!line.empty() && line[0] != '#' && line[0] != '>' && line[0] != '!') {
        statements.push_back(line);
      }
    }
  }
  return statements;
}

// Words and marks of all cases, cut and joined at random.
TEST(AnalyzeLimitsTest, SurvivesMutatedStatements) {
  const std::vector<std::string> statements = case_statements();
  std::mt19937 random(7);
  const auto below = [&](std::size_t n) { return random() % n; };
  for (int round = 0; round < 6000; ++round) {
    std::string text = statements[below(statements.size())];
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
      const std::string& other = statements[below(statements.size())];
      const std::size_t from = below(text.size());
      const std::size_t length = below(12);
      const std::size_t at = below(other.size());
      switch (below(3)) {
        case 0:
          text.erase(from, length);
          break;
        case 1:
          text.insert(from, other.substr(at, below(30)));
          break;
        default:
          text.replace(from, length, other.substr(at, below(20)));
          break;
      }
      if (text.empty()) text = "x";
    }
    const std::string state = state_of(text, true);
    EXPECT_NE(state, "XX000") << text;
  }
}

}  // namespace
}  // namespace dvecdb::server::query
