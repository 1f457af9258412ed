// Statements with what PostgreSQL answers: the types of their columns and parameters, or the error
// with its SQLSTATE, position and hint. The cases are in analyze_cases.txt, one block each:
//   the statement (one line)
//   > result types, or
//   ! SQLSTATE position message [| hint]
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "server/query/analyze.h"
#include "server/query/deparse.h"
#include "server/types/error.h"
#include "tests/unit/query/test_catalog.h"

namespace dvecdb::server::query {
namespace {

std::string describe(const Query& query, const ParamTypes& params) {
  const TestCatalog& catalog = TestCatalog::instance();
  std::string text = ">";
  const auto& targets = query.command == CommandKind::select ? query.targets : query.returning;
  for (const TargetEntry& target : targets) {
    if (target.is_junk) continue;
    // RowDescription tells what is under a domain.
    TypeRef type = target.expr->type;
    const TypeDesc* desc = catalog.find_type(type.oid);
    if (desc->kind == types::TypeKind::domain) type = desc->base;
    text += fmt::format(" {} {};", target.name, format_type(catalog, type));
  }
  for (std::size_t i = 0; i < params.types.size(); ++i) {
    text += fmt::format(" ${} {};", i + 1, format_type(catalog, {params.types[i], -1}));
  }
  return text;
}

std::string answer(const std::string& statement) {
  const TestContext context;
  try {
    ParamTypes params;
    const auto raw = parse(statement);
    if (raw.size() != 1) return "no single statement";
    const QueryPtr query = analyze(context.of(statement), raw[0], params);
    return describe(*query, params);
  } catch (const types::SqlError& error) {
    const auto& fields = error.fields();
    std::string text = fmt::format("! {} {} {}", fields.sqlstate, fields.position, fields.message);
    if (!fields.hint.empty()) text += " | " + fields.hint;
    return text;
  }
}

TEST(AnalyzeCasesTest, AnswersAsPostgreSqlDoes) {
  std::ifstream in(std::string(DVECDB_SOURCE_DIR) + "/tests/unit/query/analyze_cases.txt");
  ASSERT_TRUE(in.is_open());
  std::string statement;
  std::string line;
  int count = 0;
  while (std::getline(in, line)) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] != '>' && line[0] != '!') {
      statement = line;
      continue;
    }
    EXPECT_EQ(answer(statement), line) << statement;
    ++count;
  }
  EXPECT_GE(count, 450);
}

}  // namespace
}  // namespace dvecdb::server::query
