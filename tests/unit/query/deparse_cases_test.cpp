// Queries with what PostgreSQL's pg_get_viewdef prints for them (line breaks as \n), from
// deparse_cases.txt; the printed text must also print as itself.
#include <gtest/gtest.h>

#include <fstream>

#include "server/query/analyze.h"
#include "server/query/deparse.h"
#include "server/query/domain_value.h"
#include "server/types/error.h"
#include "tests/unit/query/test_catalog.h"

namespace dvecdb::server::query {
namespace {

std::string print(const std::string& statement, PrintStyle style) {
  const TestContext context;
  try {
    ParamTypes params;
    const auto raw = parse(statement);
    const QueryPtr query = analyze(context.of(statement), raw.at(0), params);
    return deparse_query(TestCatalog::instance(), *query, style);
  } catch (const types::SqlError& error) {
    return std::string("error: ") + error.what();
  }
}

std::string escape_lines(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\n') {
      escaped += "\\n";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

TEST(DeparseCasesTest, PrintsAsPostgreSqlDoes) {
  std::ifstream in(std::string(DVECDB_SOURCE_DIR) + "/tests/unit/query/deparse_cases.txt");
  ASSERT_TRUE(in.is_open());
  std::string statement;
  std::string line;
  while (std::getline(in, line)) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] != '>') {
      statement = line;
      continue;
    }
    EXPECT_EQ("> " + escape_lines(print(statement, PrintStyle::indented)), line) << statement;
    const std::string plain = print(statement, PrintStyle::plain);
    EXPECT_EQ(print(plain, PrintStyle::plain), plain) << statement;
  }
}

TEST(DeparseCasesTest, PrintsExpressionsOfATableUnqualified) {
  const TestContext context;
  const RelationDesc* a = TestCatalog::instance().find_relation("public", "a");
  const auto check = [&](std::string_view text) {
    const ExprPtr expr = analyze_expression(context.of(text), text, a, {});
    return deparse_expression(TestCatalog::instance(), *expr, a);
  };
  EXPECT_EQ(check("x > 1 AND y = 'a'"), "((x > 1) AND (y = 'a'::text))");
  EXPECT_EQ(check("lower(y) <> ''"), "(lower(y) <> ''::text)");
}

TEST(DeparseCasesTest, SparesParenthesesInThePrettyForm) {
  const TestContext context;
  const RelationDesc* items = TestCatalog::instance().find_relation("public", "items");
  std::ifstream in(std::string(DVECDB_SOURCE_DIR) + "/tests/unit/query/deparse_pretty_cases.txt");
  ASSERT_TRUE(in.is_open());
  std::string text;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] != '>') {
      text = line;
      continue;
    }
    const ExprPtr expr = analyze_expression(context.of(text), text, items, {});
    const std::string printed =
        deparse_expression(TestCatalog::instance(), *expr, items, PrintStyle::pretty);
    EXPECT_EQ("> " + escape_lines(printed), line) << text;
  }
}

TEST(DeparseCasesTest, NamesTheValueOfADomain) {
  const TestContext context;
  const RelationDesc row = domain_value_row({20, -1});
  const std::string text = "value > 0 AND value < 100";
  const ExprPtr expr = analyze_expression(context.of(text), text, &row, {});
  EXPECT_EQ(deparse_expression(TestCatalog::instance(), *expr, &row, PrintStyle::pretty),
            "VALUE > 0 AND VALUE < 100");
}

}  // namespace
}  // namespace dvecdb::server::query
