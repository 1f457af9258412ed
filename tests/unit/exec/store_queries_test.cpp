// Queries from text to rows through parser, analyzer, lowering and store. The answers in
// store_queries/cases.txt are PostgreSQL's.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/unit/exec/store_queries_fixture.h"

namespace dvecdb::server::exec {
namespace {

const std::string folder = STORE_QUERIES_FOLDER;

struct Case {
  int line = 0;
  std::string sql;
  std::string expected;
};

// A query, "----", the rows, an empty line; "#" begins a comment.
std::vector<Case> read_cases() {
  std::ifstream in(folder + "/cases.txt");
  std::vector<Case> cases;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    Case next{number, line, ""};
    std::getline(in, line);
    ++number;
    while (std::getline(in, line) && !line.empty()) {
      ++number;
      next.expected += line + "\n";
    }
    ++number;
    cases.push_back(next);
  }
  return cases;
}

TEST(StoreQueries, answer_as_postgresql_does) {
  Fixture fixture(folder + "/tables.txt");
  const std::vector<Case> cases = read_cases();
  EXPECT_GT(cases.size(), 200U);
  for (const Case& c : cases) {
    EXPECT_EQ(fixture.run(c.sql), c.expected) << "cases.txt:" << c.line << ": " << c.sql;
  }
}

}  // namespace
}  // namespace dvecdb::server::exec
