#include "server/http/rest/json.h"

#include <gtest/gtest.h>

#include "server/http/rest/failure.h"

namespace dvecdb::server::http::rest {

namespace {

TEST(JsonTest, NumbersAreShort) {
  EXPECT_EQ(json_text(json::parse(R"([0.1,1.0,-3E-7,12345678901234,1e300,"a\n\u0001é"])")),
            "[0.1,1,-3e-07,12345678901234,1e+300,\"a\\n\\u0001é\"]");
}

TEST(JsonTest, WhatIsReadBackIsTheSame) {
  for (const char* text : {"null", "true", "{}", "[]", R"({"a":[1,{"b":null}],"c":-0.5})"}) {
    EXPECT_EQ(json_text(parse_body(text)), text);
  }
}

int status_of_body(std::string_view body) {
  try {
    parse_body(body);
  } catch (const Failure& failed) {
    return failed.status();
  }
  return 200;
}

TEST(JsonTest, BodiesThatAreNoJson) {
  EXPECT_EQ(status_of_body(""), 400);
  EXPECT_EQ(status_of_body("{\"a\":1}x"), 400);
  EXPECT_EQ(status_of_body("\"\xff\""), 400);
  EXPECT_EQ(status_of_body(std::string(64, '[') + std::string(64, ']')), 200);
  EXPECT_EQ(status_of_body(std::string(65, '[') + std::string(65, ']')), 422);
}

TEST(JsonTest, MembersThatNobodyAskedForAreRefused) {
  const json::value value = json::parse(R"({"limit":3,"lmit":4})");
  Members members(value, "the body");
  EXPECT_EQ(members.optional_integer("limit", 1, 10), 3);
  EXPECT_THROW(members.finish(), Failure);
  EXPECT_EQ(members.integer("lmit", 1, 10), 4);
  EXPECT_NO_THROW(members.finish());
  EXPECT_THROW(members.integer("limit", 4, 10), Failure);
  EXPECT_THROW(members.text("limit"), Failure);
}

}  // namespace

}  // namespace dvecdb::server::http::rest
