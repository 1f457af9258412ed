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
            "(((jsonb_path_exists((\"metadata\" -> 'a\"b'), $1::jsonpath, $2::jsonb)) AND "
            "(\"id\" = ANY ($3::text[]))))");
  ASSERT_EQ(parameters.values().size(), 3u);
  EXPECT_EQ(*parameters.values()[0], R"($."c" ? (@ == $v))");
  EXPECT_EQ(*parameters.values()[1], R"({"v":"'; DROP"})");
  EXPECT_EQ(*parameters.values()[2], R"({"x\"","7"})");
}

// As an index on the member has it: it cannot be a parameter there.
TEST(FilterTest, MembersOfMetadataAreQuoted) {
  Collection c = collection();
  c.indexed_members = {"it's \\"};
  Parameters parameters;
  const std::string sql = compile_filter(
      json::parse(R"({"must":{"key":"it's \\","match":{"value":1}}})"), c, parameters);
  EXPECT_NE(sql.find(R"(("metadata" -> E'it''s \\') = $3::jsonb)"), std::string::npos) << sql;
  EXPECT_THROW(
      compile_filter(json::parse(R"({"must":{"is_null":{"key":"a\u0000b"}}})"), c, parameters),
      Failure);
}

TEST(FilterTest, DatesAreThoseOfTheCalendar) {
  const Collection c = collection();
  const auto is_taken = [&](const std::string& date) {
    Parameters parameters;
    const json::value filter{{"must", {{"key", "at"}, {"range", {{"gt", date}}}}}};
    try {
      compile_filter(filter, c, parameters);
      return true;
    } catch (const Failure&) {
      return false;
    }
  };
  for (const char* date : {"2024-02-29", "2000-02-29", "2023-12-31T23:59", "0001-01-01t00:00:00z",
                           "2024-01-31 10:00:00.123456789+14:59", "9999-12-31T00:00:00-00:30"}) {
    EXPECT_TRUE(is_taken(date)) << date;
  }
  for (const char* date :
       {"", "2024", "2023-02-29", "1900-02-29", "0000-01-01", "2024-13-01", "2024-04-31",
        "2024-01-01T24:00", "2024-01-01T10:60", "2024-01-01T10:00:60", "2024-01-01T10:00:00.",
        "2024-01-01T10:00:00.1234567890", "2024-01-01T10:00+15:00", "2024-01-01T10:00+1",
        "2024-01-01T10:00Zx", "2024-01-01T", "24-01-01", "now", " 2024-01-01"}) {
    EXPECT_FALSE(is_taken(date)) << date;
  }
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
