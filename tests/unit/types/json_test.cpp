#include "server/types/json.h"

#include <gtest/gtest.h>

#include "tests/unit/types/forms.h"

namespace dvecdb::server::types {
namespace {

struct Case {
  Oid type;
  std::string_view text;
  std::string_view expected;
};

std::string read_back(Oid type, std::string_view text) {
  IoContext io;
  try {
    std::string out;
    output_text(io, {type, -1}, input_text(io, {type, -1}, text), out);
    return out;
  } catch (const SqlError& error) {
    return testing::show_error(error);
  }
}

// The expected answers are PostgreSQL 15's.
TEST(Json, Input) {
  const Case cases[] = {
      {oids::json, "{",
       "22P02 invalid input syntax for type json | The input string ended unexpectedly."},
      {oids::jsonb, "{",
       "22P02 invalid input syntax for type json | The input string ended unexpectedly."},
      {oids::json, "{\"a\"",
       "22P02 invalid input syntax for type json | The input string ended unexpectedly."},
      {oids::jsonb, "{\"a\"",
       "22P02 invalid input syntax for type json | The input string ended unexpectedly."},
      {oids::json, "{\"a\":1,",
       "22P02 invalid input syntax for type json | The input string ended unexpectedly."},
      {oids::jsonb, "{\"a\":1,",
       "22P02 invalid input syntax for type json | The input string ended unexpectedly."},
      {oids::json, "{a:1}", "22P02 invalid input syntax for type json | Token \"a\" is invalid."},
      {oids::jsonb, "{a:1}", "22P02 invalid input syntax for type json | Token \"a\" is invalid."},
      {oids::json, "{\"a\":1,}",
       "22P02 invalid input syntax for type json | Expected string, but found \"}\"."},
      {oids::jsonb, "{\"a\":1,}",
       "22P02 invalid input syntax for type json | Expected string, but found \"}\"."},
      {oids::json, "[1,",
       "22P02 invalid input syntax for type json | The input string ended unexpectedly."},
      {oids::jsonb, "[1,",
       "22P02 invalid input syntax for type json | The input string ended unexpectedly."},
      {oids::json, "[1,]",
       "22P02 invalid input syntax for type json | Expected JSON value, but found \"]\"."},
      {oids::jsonb, "[1,]",
       "22P02 invalid input syntax for type json | Expected JSON value, but found \"]\"."},
      {oids::json, "[1 2]",
       "22P02 invalid input syntax for type json | Expected \",\" or \"]\", but found \"2\"."},
      {oids::jsonb, "[1 2]",
       "22P02 invalid input syntax for type json | Expected \",\" or \"]\", but found \"2\"."},
      {oids::json, "{\"a\" 1}",
       "22P02 invalid input syntax for type json | Expected \":\", but found \"1\"."},
      {oids::jsonb, "{\"a\" 1}",
       "22P02 invalid input syntax for type json | Expected \":\", but found \"1\"."},
      {oids::json, "{\"a\":1 \"b\":2}",
       "22P02 invalid input syntax for type json | Expected \",\" or \"}\", but found \"\"b\"\"."},
      {oids::jsonb, "{\"a\":1 \"b\":2}",
       "22P02 invalid input syntax for type json | Expected \",\" or \"}\", but found \"\"b\"\"."},
      {oids::json, "1 2",
       "22P02 invalid input syntax for type json | Expected end of input, but found \"2\"."},
      {oids::jsonb, "1 2",
       "22P02 invalid input syntax for type json | Expected end of input, but found \"2\"."},
      {oids::json, "",
       "22P02 invalid input syntax for type json | The input string ended unexpectedly."},
      {oids::jsonb, "",
       "22P02 invalid input syntax for type json | The input string ended unexpectedly."},
      {oids::json, "nul", "22P02 invalid input syntax for type json | Token \"nul\" is invalid."},
      {oids::jsonb, "nul", "22P02 invalid input syntax for type json | Token \"nul\" is invalid."},
      {oids::json, "01", "22P02 invalid input syntax for type json | Token \"01\" is invalid."},
      {oids::jsonb, "01", "22P02 invalid input syntax for type json | Token \"01\" is invalid."},
      {oids::json, "1.", "22P02 invalid input syntax for type json | Token \"1.\" is invalid."},
      {oids::jsonb, "1.", "22P02 invalid input syntax for type json | Token \"1.\" is invalid."},
      {oids::json, "-", "22P02 invalid input syntax for type json | Token \"-\" is invalid."},
      {oids::jsonb, "-", "22P02 invalid input syntax for type json | Token \"-\" is invalid."},
      {oids::json, "\"abc",
       "22P02 invalid input syntax for type json | Token \"\"abc\" is invalid."},
      {oids::jsonb, "\"abc",
       "22P02 invalid input syntax for type json | Token \"\"abc\" is invalid."},
      {oids::json, "\"a\\qb\"",
       "22P02 invalid input syntax for type json | Escape sequence \"\\q\" is invalid."},
      {oids::jsonb, "\"a\\qb\"",
       "22P02 invalid input syntax for type json | Escape sequence \"\\q\" is invalid."},
      {oids::json, "\"a\\u12\"",
       "22P02 invalid input syntax for type json | \"\\u\" must be followed by four hexadecimal "
       "digits."},
      {oids::jsonb, "\"a\\u12\"",
       "22P02 invalid input syntax for type json | \"\\u\" must be followed by four hexadecimal "
       "digits."},
      {oids::json, "\"a\nb\"",
       "22P02 invalid input syntax for type json | Character with value 0x0a must be escaped."},
      {oids::jsonb, "\"a\nb\"",
       "22P02 invalid input syntax for type json | Character with value 0x0a must be escaped."},
      {oids::json, "\"\\ud800\"", "\"\\ud800\""},
      {oids::jsonb, "\"\\ud800\"",
       "22P02 invalid input syntax for type json | Unicode low surrogate must follow a high "
       "surrogate."},
      {oids::json, "\"\\ude00\"", "\"\\ude00\""},
      {oids::jsonb, "\"\\ude00\"",
       "22P02 invalid input syntax for type json | Unicode low surrogate must follow a high "
       "surrogate."},
      {oids::json, "\"\\ud800\\ud800\"", "\"\\ud800\\ud800\""},
      {oids::jsonb, "\"\\ud800\\ud800\"",
       "22P02 invalid input syntax for type json | Unicode high surrogate must not follow a high "
       "surrogate."},
      {oids::json, "\"\\u0000\"", "\"\\u0000\""},
      {oids::jsonb, "\"\\u0000\"",
       "22P05 unsupported Unicode escape sequence | \\u0000 cannot be converted to text."},
      {oids::json, "{\"a\":1,\"bb\":2,\"a\":3, \"c\":[1.50,1e2,-0,\"\\u00e9\\n\\u0001/\"]}",
       "{\"a\":1,\"bb\":2,\"a\":3, \"c\":[1.50,1e2,-0,\"\\u00e9\\n\\u0001/\"]}"},
      {oids::jsonb, "{\"a\":1,\"bb\":2,\"a\":3, \"c\":[1.50,1e2,-0,\"\\u00e9\\n\\u0001/\"]}",
       "{\"a\": 3, \"c\": [1.50, 100, 0, \"é\\n\\u0001/\"], \"bb\": 2}"},
      {oids::json, "1e200000", "1e200000"},
      {oids::jsonb, "1e200000", "22003 value overflows numeric format"},
      {oids::json, "{\n\"a\":1,\n\"b\":x}",
       "22P02 invalid input syntax for type json | Token \"x\" is invalid."},
      {oids::jsonb, "{\n\"a\":1,\n\"b\":x}",
       "22P02 invalid input syntax for type json | Token \"x\" is invalid."},
      {oids::json, "truex",
       "22P02 invalid input syntax for type json | Token \"truex\" is invalid."},
      {oids::jsonb, "truex",
       "22P02 invalid input syntax for type json | Token \"truex\" is invalid."},
      {oids::json, "[1}",
       "22P02 invalid input syntax for type json | Expected \",\" or \"]\", but found \"}\"."},
      {oids::jsonb, "[1}",
       "22P02 invalid input syntax for type json | Expected \",\" or \"]\", but found \"}\"."},
      {oids::json, "]",
       "22P02 invalid input syntax for type json | Expected JSON value, but found \"]\"."},
      {oids::jsonb, "]",
       "22P02 invalid input syntax for type json | Expected JSON value, but found \"]\"."},
      {oids::json, "{1:2}",
       "22P02 invalid input syntax for type json | Expected string or \"}\", but found \"1\"."},
      {oids::jsonb, "{1:2}",
       "22P02 invalid input syntax for type json | Expected string or \"}\", but found \"1\"."},
      {oids::json, "\"a\\",
       "22P02 invalid input syntax for type json | Token \"\"a\\\" is invalid."},
      {oids::jsonb, "\"a\\",
       "22P02 invalid input syntax for type json | Token \"\"a\\\" is invalid."},
      {oids::json, "123abc",
       "22P02 invalid input syntax for type json | Token \"123abc\" is invalid."},
      {oids::jsonb, "123abc",
       "22P02 invalid input syntax for type json | Token \"123abc\" is invalid."},
      {oids::json, "@", "22P02 invalid input syntax for type json | Token \"@\" is invalid."},
      {oids::jsonb, "@", "22P02 invalid input syntax for type json | Token \"@\" is invalid."},
      {oids::json, " ",
       "22P02 invalid input syntax for type json | The input string ended unexpectedly."},
      {oids::jsonb, " ",
       "22P02 invalid input syntax for type json | The input string ended unexpectedly."},
      {oids::json, "[é]", "22P02 invalid input syntax for type json | Token \"é\" is invalid."},
      {oids::jsonb, "[é]", "22P02 invalid input syntax for type json | Token \"é\" is invalid."},
      {oids::json, "1e-3", "1e-3"},
      {oids::jsonb, "1e-3", "0.001"},
      {oids::json, "\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\""},
      {oids::jsonb, "\"\\ud83d\\ude00\"", "\"😀\""},
      {oids::json, "[]", "[]"},
      {oids::jsonb, "[]", "[]"},
      {oids::json, " [ 1 , 2 ] ", " [ 1 , 2 ] "},
      {oids::jsonb, " [ 1 , 2 ] ", "[1, 2]"},
      {oids::json, "-0.0", "-0.0"},
      {oids::jsonb, "-0.0", "0.0"},
      {oids::json, "1E+2", "1E+2"},
      {oids::jsonb, "1E+2", "100"},
      {oids::json, "{\"\":1}", "{\"\":1}"},
      {oids::jsonb, "{\"\":1}", "{\"\": 1}"},
  };
  for (const Case& c : cases) EXPECT_EQ(read_back(c.type, c.text), c.expected) << c.text;
}

TEST(Json, ErrorContext) {
  auto context = [](std::string_view text) {
    try {
      check_json(text);
    } catch (const SqlError& error) {
      return error.fields().where;
    }
    return std::string();
  };
  EXPECT_EQ(context("{"), "JSON data, line 1: {");
  EXPECT_EQ(context("{a:1}"), "JSON data, line 1: {a...");
  EXPECT_EQ(context("{\n\"a\":1,\n\"b\":x}"), "JSON data, line 3: \"b\":x...");
  EXPECT_EQ(context("[1}"), "JSON data, line 1: [1}");
  EXPECT_EQ(context("{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                    "aaaaaaaaa\":x, "
                    "\"bbbb\":2}"),
            "JSON data, line 1: ...aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":x...");
}

TEST(Json, DepthIsBounded) {
  for (std::string_view unit : {"[", "{\"a\":"}) {
    std::string deep;
    for (int i = 0; i < 200000; ++i) deep += unit;
    try {
      parse_jsonb(deep);
      FAIL();
    } catch (const SqlError& error) {
      EXPECT_EQ(error.sqlstate(), sqlstate::statement_too_complex);
    }
  }
}

}  // namespace
}  // namespace dvecdb::server::types
