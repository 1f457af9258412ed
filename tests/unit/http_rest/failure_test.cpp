#include "server/http/rest/failure.h"

#include <gtest/gtest.h>

namespace dvecdb::server::http::rest {

namespace {

TEST(FailureTest, StatusesOfSqlstates) {
  EXPECT_EQ(status_of("42501"), 403);
  EXPECT_EQ(status_of("42P01"), 404);
  EXPECT_EQ(status_of("42703"), 422);
  EXPECT_EQ(status_of("23505"), 409);
  EXPECT_EQ(status_of("23502"), 422);
  EXPECT_EQ(status_of("22P02"), 422);
  EXPECT_EQ(status_of("40001"), 409);
  EXPECT_EQ(status_of("53100"), 503);
  EXPECT_EQ(status_of("57014"), 504);
  EXPECT_EQ(status_of("57P01"), 503);
  EXPECT_EQ(status_of("XX000"), 500);
  EXPECT_EQ(status_of(""), 500);
}

TEST(FailureTest, SentencesHaveTheDetail) {
  types::ErrorFields error;
  error.sqlstate = "22P02";
  error.message = "wrong";
  EXPECT_EQ(failure_of(error).sentence(), "wrong");
  error.detail = "It is.";
  EXPECT_EQ(failure_of(error).sentence(), "wrong (It is.)");
}

}  // namespace

}  // namespace dvecdb::server::http::rest
