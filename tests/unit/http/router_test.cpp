#include "server/http/router.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace dvecdb::server::http {
namespace {

Response nothing(const Request&) {
  return {};
}

Router example() {
  Router router;
  router.add("GET", "/collections", nothing);
  router.add("POST", "/collections", nothing);
  router.add("GET", "/collections/{name}", nothing);
  router.add("DELETE", "/collections/{name}", nothing);
  router.add("GET", "/collections/deleted", nothing);
  router.add("GET", "/collections/{name}/vectors/{id}", nothing);
  return router;
}

std::string pattern(const Match& match) {
  return match.route == nullptr ? "" : match.route->pattern;
}

TEST(Router, FindsByMethodAndPath) {
  const Router router = example();
  EXPECT_EQ(router.find("POST", "/collections").route->method, "POST");
  const Match match = router.find("GET", "/collections/a/vectors/b");
  EXPECT_EQ(pattern(match), "/collections/{name}/vectors/{id}");
  EXPECT_EQ(match.parameters, (TextMap{{"id", "b"}, {"name", "a"}}));
}

TEST(Router, LiteralsGoFirstAndHideNoOtherMethod) {
  const Router router = example();
  EXPECT_EQ(pattern(router.find("GET", "/collections/deleted")), "/collections/deleted");
  const Match match = router.find("DELETE", "/collections/deleted");
  EXPECT_EQ(match.parameters, (TextMap{{"name", "deleted"}}));
}

TEST(Router, TellsWhatIsAllowed) {
  const Router router = example();
  const Match match = router.find("PATCH", "/collections/a");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allowed, (std::vector<std::string>{"GET", "HEAD", "DELETE", "OPTIONS"}));
  EXPECT_TRUE(router.find("GET", "/elsewhere").allowed.empty());
  EXPECT_EQ(pattern(router.find("HEAD", "/collections")), "/collections");
}

TEST(Router, ANameIsOneSegmentWhateverItHolds) {
  const Router router = example();
  const auto name = [&](std::string_view path) {
    const Match match = router.find("DELETE", path);
    return match.route == nullptr ? std::string("(none)") : match.parameters.at("name");
  };
  EXPECT_EQ(name("/collections/.."), "..");
  EXPECT_EQ(name("/collections/%2e%2e%2fetc"), "../etc");
  EXPECT_EQ(name("/collections/a%00b"), std::string("a\0b", 3));
  EXPECT_EQ(name("/collections/%C3%A4%25"), "ä%");
  EXPECT_EQ(name("/collections/a+b"), "a+b");
  EXPECT_EQ(name("/collections/"), "(none)");
  EXPECT_EQ(name("/collections/a/"), "(none)");
  EXPECT_EQ(name("/collections/%"), "(none)");
  EXPECT_EQ(name("/collections/%zz"), "(none)");
  EXPECT_EQ(name("/collections/../collections/a"), "(none)");
}

TEST(Router, RefusesARouteTwice) {
  Router router = example();
  EXPECT_THROW(router.add("GET", "/collections", nothing), std::logic_error);
  EXPECT_THROW(router.add("GET", "collections", nothing), std::logic_error);
}

TEST(Target, TakesTheQueryApart) {
  const auto target = parse_target("/a%20b/c?x=1&y=a+b%26&x=2&empty&=&%3d=%3D");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/a%20b/c");
  EXPECT_EQ(target->segments, (std::vector<std::string>{"a b", "c"}));
  EXPECT_EQ(target->query, (TextMap{{"x", "2"}, {"y", "a b&"}, {"empty", ""}, {"=", "="}}));
}

TEST(Target, KnowsTheFormsThatHttpHas) {
  EXPECT_EQ(parse_target("http://host:80/a?b=c")->path, "/a");
  EXPECT_EQ(parse_target("https://host")->path, "/");
  EXPECT_TRUE(parse_target("*")->segments.empty());
  EXPECT_FALSE(parse_target("host:443"));
  EXPECT_FALSE(parse_target(""));
  EXPECT_FALSE(parse_target("/a?x=%g1"));
}

}  // namespace
}  // namespace dvecdb::server::http
