#include <gtest/gtest.h>

#include <chrono>

#include "server/functions/like.h"
#include "server/functions/regex.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "tests/unit/functions/call.h"

namespace dvecdb::server::functions::testing {
namespace {

namespace oids = types::oids;

std::string repeated(std::string_view unit, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += unit;
  return out;
}

// Each case would take for ever, or all memory, without a bound.
TEST(HostileInput, EndsSoon) {
  auto begin = std::chrono::steady_clock::now();
  const std::string many_a(30000, 'a');
  for (std::string_view pattern :
       {"(a+)+$", "(a|aa)+$", "(.*)*x", "(a*)*b", "((a{0,99}){0,99}){0,99}b"}) {
    call("textregexeq", {{oids::text, many_a + "c"}, {oids::text, std::string(pattern)}},
         oids::boolean);
  }
  EXPECT_EQ(
      call("textregexeq", {{oids::text, "a"}, {oids::text, repeated("(", 100000)}}, oids::boolean)
          .substr(0, 5),
      "2201B");
  EXPECT_FALSE(like_matches(many_a, repeated("%a", 50) + "b"));
  EXPECT_EQ(call("text_to_array", {{oids::text, many_a}, {oids::text, "a"}}, oids::text_array)
                .substr(0, 3),
            "{\"\"");
  EXPECT_EQ(call("jsonb_pretty", {{oids::jsonb, repeated("[", 100000)}}, oids::text).substr(0, 5),
            "54001");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

// Random bytes as pattern, replacement and text must end in an answer or an SqlError.
TEST(HostileInput, RandomPatterns) {
  constexpr std::string_view alphabet = "ab()[]{}*+?|\\^$.:=!<->,019dwsyYmMAZx#&'\"/ \n%_";
  std::uint32_t state = 12345;
  auto next = [&state](std::size_t below) {
    state = state * 1664525 + 1013904223;
    return (state >> 8) % below;
  };
  auto random_text = [&](std::size_t longest) {
    std::string out;
    for (std::size_t i = next(longest); i > 0; --i) out.push_back(alphabet[next(alphabet.size())]);
    return out;
  };
  for (int round = 0; round < 20000; ++round) {
    Argument text{oids::text, random_text(20)};
    Argument pattern{oids::text, random_text(14)};
    Argument replacement{oids::text, random_text(6)};
    Argument flags{oids::text, "g"};
    EXPECT_NE(call("textregexreplace", {text, pattern, replacement, flags}, oids::text),
              "no answer");
    EXPECT_NE(call("textlike", {text, pattern}, oids::boolean), "no answer");
    EXPECT_NE(call("similar_to_escape_2", {text, {oids::text, "#"}}, oids::text), "no answer");
    EXPECT_NE(call("text_format", {text, pattern, replacement}, oids::text), "no answer");
    EXPECT_NE(call("parse_ident", {text}, oids::text_array), "no answer");
    EXPECT_NE(call("unistr", {text}, oids::text), "no answer");
    for (Oid type : {oids::jsonb, oids::text_array, oids::vector, oids::sparsevec, oids::inet,
                     oids::varbit, oids::bytea, oids::uuid}) {
      EXPECT_NE(call("name_text", {{type, *text.text}}, type), "no answer");
    }
  }
}

}  // namespace
}  // namespace dvecdb::server::functions::testing
