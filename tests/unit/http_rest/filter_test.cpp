#include "server/http/rest/filter.h"

#include <gtest/gtest.h>

#include "server/http/rest/failure.h"

namespace dvecdb::server::http::rest {

namespace {

Collection collection() {
  Collection made;
  made.name = "c";
  made.key = {"id", "text"};
  made.vector = {"embedding", "vector(3)"};
  made.metadata_column = "metadata";
  made.fields = {{"price \"x\"", "numeric"}};
  return made;
}

TEST(FilterTest, NothingIsNoCondition) {
  const Collection c = collection();
  Parameters parameters;
  EXPECT_EQ(compile_filter(json::parse("{}"), c, parameters), "");
  EXPECT_EQ(compile_filter(json::parse(R"({"must":[],"should":null})"), c, parameters), "");
  EXPECT_TRUE(parameters.values().empty());
}

TEST(FilterTest, ValuesAndPathsAreParameters) {
  const Collection c = collection();
  Parameters parameters;
  const std::string sql = compile_filter(
      json::parse(
          R"({"must":[{"key":"a\"b.c","match":{"value":"'; DROP"}},{"has_id":["x\"",7]}]})"),
      c, parameters);
  EXPECT_EQ(sql,
            "(((jsonb_path_exists(\"metadata\", $1::jsonpath, $2::jsonb)) AND "
            "(\"id\" = ANY ($3::text[]))))");
  ASSERT_EQ(parameters.values().size(), 3u);
  EXPECT_EQ(*parameters.values()[0], R"($."a\"b"."c" ? (@ == $v))");
  EXPECT_EQ(*parameters.values()[1], R"({"v":"'; DROP"})");
  EXPECT_EQ(*parameters.values()[2], R"({"x\"","7"})");
}

TEST(FilterTest, ColumnsAreQuoted) {
  const Collection c = collection();
  Parameters parameters;
  EXPECT_EQ(
      compile_filter(json::parse(R"({"must":{"is_null":{"key":"price \"x\""}}})"), c, parameters),
      "(((jsonb_path_exists(coalesce(to_jsonb(\"price \"\"x\"\"\"), 'null'), $1::jsonpath) IS "
      "TRUE)))");
}

}  // namespace

}  // namespace dvecdb::server::http::rest
