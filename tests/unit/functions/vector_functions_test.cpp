#include <gtest/gtest.h>

#include "server/types/oids.h"
#include "tests/unit/functions/call.h"

namespace dvecdb::server::functions::testing {
namespace {

namespace oids = types::oids;

struct Case {
  std::string_view symbol;
  Oid type;
  std::string a;
  std::string b;
  Oid result;
  std::string expected;
};

TEST(VectorFunctions, OfTwo) {
  const Oid v = oids::vector;
  const Oid h = oids::halfvec;
  const Oid s = oids::sparsevec;
  const Oid f = oids::float8;
  const Case cases[] = {
      {"l2_distance", v, "[0,0]", "[3,4]", f, "5"},
      {"l2_distance", v, "[1,2]", "[3]", f, "22000 different vector dimensions 2 and 1"},
      {"l2_distance", v, "[3e38]", "[-3e38]", f, "Infinity"},
      {"vector_l2_squared_distance", v, "[0,0]", "[3,4]", f, "25"},
      {"inner_product", v, "[1,2]", "[3,4]", f, "11"},
      {"vector_negative_inner_product", v, "[1,2]", "[3,4]", f, "-11"},
      {"cosine_distance", v, "[1,2]", "[2,4]", f, "0"},
      {"cosine_distance", v, "[1,2]", "[0,0]", f, "NaN"},
      {"cosine_distance", v, "[1,1]", "[-1,-1]", f, "2"},
      {"vector_spherical_distance", v, "[1,0]", "[0,1]", f, "0.5"},
      {"l1_distance", v, "[0,0]", "[3,4]", f, "7"},
      {"vector_add", v, "[1,2,3]", "[4,5,6]", v, "[5,7,9]"},
      {"vector_add", v, "[3e38]", "[3e38]", v, "22003 value out of range: overflow"},
      {"vector_sub", v, "[1,2,3]", "[4,5,6]", v, "[-3,-3,-3]"},
      {"vector_mul", v, "[1,2,3]", "[4,5,6]", v, "[4,10,18]"},
      {"vector_mul", v, "[1e-37]", "[1e-37]", v, "22003 value out of range: underflow"},
      {"vector_concat", v, "[1,2]", "[3]", v, "[1,2,3]"},
      {"vector_lt", v, "[1,2]", "[1,3]", oids::int4, "1"},
      {"vector_cmp", v, "[1,2]", "[1,2,3]", oids::int4, "-1"},
      {"halfvec_l2_distance", h, "[0,0]", "[3,4]", f, "5"},
      {"halfvec_l2_distance", h, "[1,2]", "[3]", f, "22000 different halfvec dimensions 2 and 1"},
      {"halfvec_add", h, "[1,2,3]", "[4,5,6]", h, "[5,7,9]"},
      {"halfvec_add", h, "[65504]", "[65504]", h, "22003 value out of range: overflow"},
      {"halfvec_mul", h, "[1e-7]", "[1e-7]", h, "22003 value out of range: underflow"},
      {"halfvec_cosine_distance", h, "[1,1]", "[1,1]", f, "0"},
      {"sparsevec_l2_distance", s, "{1:3}/2", "{2:4}/2", f, "5"},
      {"sparsevec_inner_product", s, "{1:1,3:3,5:5}/5", "{2:4,3:6,4:8}/5", f, "18"},
      {"sparsevec_inner_product", s, "{1:1}/2", "{}/2", f, "0"},
      {"sparsevec_cosine_distance", s, "{1:1,2:2}/2", "{}/2", f, "NaN"},
      {"sparsevec_l1_distance", s, "{1:1,3:3,5:5,7:7}/8", "{2:2,4:4,6:6,8:8}/8", f, "36"},
      {"sparsevec_l1_distance", s, "{1:1}/2", "{1:3}/1", f,
       "22000 different sparsevec dimensions 2 and 1"},
      {"hamming_distance", oids::bit, "111", "110", f, "1"},
      {"hamming_distance", oids::bit, "111", "00", f, "22000 different bit lengths 3 and 2"},
      {"jaccard_distance", oids::bit, "1111", "1110", f, "0.25"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(call(c.symbol, {{c.type, c.a}, {c.type, c.b}}, c.result), c.expected)
        << c.symbol << c.a << c.b;
  }
}

TEST(VectorFunctions, OfOne) {
  const Oid v = oids::vector;
  const Oid h = oids::halfvec;
  const Oid s = oids::sparsevec;
  const Case cases[] = {
      {"vector_dims", v, "[1,2,3]", "", oids::int4, "3"},
      {"vector_norm", v, "[3,4]", "", oids::float8, "5"},
      {"l2_normalize", v, "[3,4]", "", v, "[0.6,0.8]"},
      {"l2_normalize", v, "[0,0]", "", v, "[0,0]"},
      {"l2_normalize", v, "[3e38]", "", v, "[1]"},
      {"binary_quantize", v, "[1,0,-1,0.5]", "", oids::varbit, "1001"},
      {"halfvec_l2_normalize", h, "[3,4]", "", h, "[0.60009766,0.7998047]"},
      {"sparsevec_l2_normalize", s, "{2:3e37,4:3e-37,6:4e37,8:4e-37}/9", "", s, "{2:0.6,6:0.8}/9"},
      {"sparsevec_l2_norm", s, "{1:3,2:4}/2", "", oids::float8, "5"},
      {"vector_to_halfvec", v, "[1,2]", "", h, "[1,2]"},
      {"vector_to_halfvec", v, "[65520]", "", h,
       "22003 \"65520\" is out of range for type halfvec"},
      {"vector_to_sparsevec", v, "[0,1.5,0]", "", s, "{2:1.5}/3"},
      {"sparsevec_to_vector", s, "{2:1.5}/3", "", v, "[0,1.5,0]"},
      {"sparsevec_to_vector", s, "{2:1.5}/16001", "", v,
       "54000 vector cannot have more than 16000 dimensions"},
      {"halfvec_to_vector", h, "[1,2]", "", v, "[1,2]"},
      {"array_to_vector", oids::int4_array, "{1,2,3}", "", v, "[1,2,3]"},
      {"array_to_vector", oids::float8_array, "{1.5,NULL}", "", v,
       "22004 array must not contain nulls"},
      {"array_to_vector", oids::float8_array, "{{1},{2}}", "", v, "22000 array must be 1-D"},
      {"array_to_vector", oids::float8_array, "{}", "", v,
       "22000 vector must have at least 1 dimension"},
      {"array_to_vector", oids::float8_array, "{NaN}", "", v, "22000 NaN not allowed in vector"},
      {"array_to_vector", oids::numeric_array, "{1.25,-3}", "", v, "[1.25,-3]"},
      {"vector_to_float4", v, "[1.5,2]", "", oids::float4_array, "{1.5,2}"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(call(c.symbol, {{c.type, c.a}}, c.result), c.expected) << c.symbol << c.a;
  }
}

TEST(VectorFunctions, Subvector) {
  auto subvector = [](std::string vector, std::string start, std::string count) {
    return call("subvector", {{oids::vector, vector}, {oids::int4, start}, {oids::int4, count}},
                oids::vector);
  };
  EXPECT_EQ(subvector("[1,2,3,4,5]", "1", "3"), "[1,2,3]");
  EXPECT_EQ(subvector("[1,2,3,4,5]", "3", "2"), "[3,4]");
  EXPECT_EQ(subvector("[1,2,3,4,5]", "-1", "3"), "[1]");
  EXPECT_EQ(subvector("[1,2,3,4,5]", "3", "9"), "[3,4,5]");
  EXPECT_EQ(subvector("[1,2,3,4,5]", "3", "2147483647"), "[3,4,5]");
  for (auto [start, count] : {std::pair{"1", "0"}, {"6", "1"}, {"1", "-1"}, {"-1", "2"}}) {
    EXPECT_EQ(subvector("[1,2,3,4,5]", start, count),
              "22000 vector must have at least 1 dimension");
  }
}

TEST(VectorFunctions, Typmod) {
  EXPECT_EQ(call("vector", {{oids::vector, "[1,2]"}, {oids::int4, "2"}}, oids::vector), "[1,2]");
  EXPECT_EQ(call("vector", {{oids::vector, "[1,2]"}, {oids::int4, "3"}}, oids::vector),
            "22000 expected 3 dimensions, not 2");
}

TEST(VectorAggregates, SumAndAverage) {
  for (Oid type : {oids::vector, oids::halfvec}) {
    auto rows = [&](std::vector<std::optional<std::string>> texts) {
      std::vector<std::vector<Argument>> out;
      for (auto& text : texts) out.push_back({{type, text}});
      return out;
    };
    EXPECT_EQ(aggregate("avg", rows({"[1,2,3]", "[3,5,7]", std::nullopt}), type), "[2,3.5,5]");
    EXPECT_EQ(aggregate("sum", rows({"[1,2,3]", "[3,5,7]", std::nullopt}), type), "[4,7,10]");
    EXPECT_EQ(aggregate("avg", rows({std::nullopt}), type), "NULL");
    EXPECT_EQ(aggregate("sum", rows({std::nullopt}), type), "NULL");
    EXPECT_EQ(aggregate("avg", rows({"[1,2]", "[3]"}), type), "22000 expected 2 dimensions, not 1");
  }
  EXPECT_EQ(aggregate("sum", {{{oids::vector, "[1,2]"}}, {{oids::vector, "[3]"}}}, oids::vector),
            "22000 different vector dimensions 2 and 1");
}

}  // namespace
}  // namespace dvecdb::server::functions::testing
