#include "server/types/vector_value.h"

#include <gtest/gtest.h>

#include "server/types/error.h"
#include "server/types/float_text.h"
#include "server/types/oids.h"
#include "server/types/type_io.h"

namespace dvecdb::server::types {
namespace {

std::string round_trip(Oid oid, std::string_view text, std::int32_t typmod = -1) {
  IoContext context;
  try {
    Value value = input_text(context, {oid, typmod}, text);
    std::string message;
    send_binary(context, {oid, typmod}, value, message);
    Value received = receive_binary(context, {oid, typmod}, message);
    EXPECT_EQ(received.as_bytes(), value.as_bytes());
    std::string out;
    output_text(context, {oid, typmod}, value, out);
    return out;
  } catch (const SqlError& error) {
    return error.sqlstate() + " " + error.what() +
           (error.fields().detail.empty() ? "" : " | " + error.fields().detail);
  }
}

struct Case {
  Oid oid;
  std::string_view text;
  std::string_view expected;
  std::int32_t typmod = -1;
};

TEST(VectorValue, TextForms) {
  const Case cases[] = {
      {oids::vector, "[1,2,3]", "[1,2,3]"},
      {oids::vector, " [ 1,  2 ,    3  ] ", "[1,2,3]"},
      {oids::vector, "[-1,+2,0x10]", "[-1,2,16]"},
      {oids::vector, "[1.23456]", "[1.23456]"},
      {oids::vector, "[1.5e38,-1.5e38]", "[1.5e+38,-1.5e+38]"},
      {oids::vector, "[1e-46,1]", "[0,1]"},
      {oids::vector, "[hello,1]", "22P02 invalid input syntax for type vector: \"[hello,1]\""},
      {oids::vector, "[NaN,1]", "22000 NaN not allowed in vector"},
      {oids::vector, "[Infinity,1]", "22000 infinite value not allowed in vector"},
      {oids::vector, "[4e38,1]", "22003 \"4e38\" is out of range for type vector"},
      {oids::vector, "[1,2,3", "22P02 invalid input syntax for type vector: \"[1,2,3\""},
      {oids::vector, "[1,2,3]9",
       "22P02 invalid input syntax for type vector: \"[1,2,3]9\" | Junk after closing right "
       "brace."},
      {oids::vector, "1,2,3",
       "22P02 invalid input syntax for type vector: \"1,2,3\" | Vector contents must start with "
       "\"[\"."},
      {oids::vector, "",
       "22P02 invalid input syntax for type vector: \"\" | Vector contents must "
       "start with \"[\"."},
      {oids::vector, "[", "22P02 invalid input syntax for type vector: \"[\""},
      {oids::vector, "[,", "22P02 invalid input syntax for type vector: \"[,\""},
      {oids::vector, "[]", "22000 vector must have at least 1 dimension"},
      {oids::vector, "[1,]", "22P02 invalid input syntax for type vector: \"[1,]\""},
      {oids::vector, "[1a]", "22P02 invalid input syntax for type vector: \"[1a]\""},
      {oids::vector, "[1,,3]", "22P02 invalid input syntax for type vector: \"[1,,3]\""},
      {oids::vector, "[1,2,3]", "22000 expected 2 dimensions, not 3", 2},
      {oids::halfvec, "[1,2,3]", "[1,2,3]"},
      {oids::halfvec, "[1.23456]", "[1.234375]"},
      {oids::halfvec, "[65519]", "[65504]"},
      {oids::halfvec, "[65520]", "22003 \"65520\" is out of range for type halfvec"},
      {oids::halfvec, "[1e-8,6e-8]", "[0,5.9604645e-08]"},
      {oids::halfvec, "[]", "22000 halfvec must have at least 1 dimension"},
      {oids::halfvec, "[1,2,3]", "22000 expected 2 dimensions, not 3", 2},
      {oids::sparsevec, "{1:1.5,3:3.5}/5", "{1:1.5,3:3.5}/5"},
      {oids::sparsevec, " { 1 : 1.5 ,  3  :  3.5  } / 5 ", "{1:1.5,3:3.5}/5"},
      {oids::sparsevec, "{2:1,1:1}/2", "{1:1,2:1}/2"},
      {oids::sparsevec, "{1:0,2:1,3:0}/3", "{2:1}/3"},
      {oids::sparsevec, "{}/5", "{}/5"},
      {oids::sparsevec, "{1:1,1:1}/2", "22000 sparsevec indices must not contain duplicates"},
      {oids::sparsevec, "{0:1}/1", "22000 sparsevec index out of bounds"},
      {oids::sparsevec, "{2147483648:1}/1", "22000 sparsevec index out of bounds"},
      {oids::sparsevec, "{-2147483649:1}/1", "22000 sparsevec index out of bounds"},
      {oids::sparsevec, "{}/0", "22000 sparsevec must have at least 1 dimension"},
      {oids::sparsevec, "{}/9223372036854775808",
       "54000 sparsevec cannot have more than 1000000000 dimensions"},
      {oids::sparsevec, "{}",
       "22P02 invalid input syntax for type sparsevec: \"{}\" | Unexpected end of input."},
      {oids::sparsevec, "{}/1a",
       "22P02 invalid input syntax for type sparsevec: \"{}/1a\" | Junk after closing."},
      {oids::sparsevec, "{:1}/1", "22P02 invalid input syntax for type sparsevec: \"{:1}/1\""},
      {oids::sparsevec, "{}/3", "22000 expected 2 dimensions, not 3", 2},
  };
  for (const Case& c : cases) EXPECT_EQ(round_trip(c.oid, c.text, c.typmod), c.expected) << c.text;
}

TEST(VectorValue, BinaryForm) {
  std::string message;
  send_vector(parse_vector("[1,-2]", -1), message);
  EXPECT_EQ(message, std::string("\0\2\0\0\x3f\x80\0\0\xc0\0\0\0", 12));
  EXPECT_THROW(receive_vector(message.substr(0, 11), -1), SqlError);
  EXPECT_THROW(receive_vector(message + "x", -1), SqlError);
  std::string sparse;
  send_sparsevec(parse_sparsevec("{2:1}/3", -1), sparse);
  EXPECT_EQ(sparse, std::string("\0\0\0\3\0\0\0\1\0\0\0\0\0\0\0\1\x3f\x80\0\0", 20));
}

TEST(VectorValue, Limits) {
  std::string text = "[1";
  for (int i = 1; i < core::vector_type.max_dimensions; ++i) text += ",1";
  EXPECT_EQ(vector_dimensions(parse_vector(text + "]", -1)), 16000U);
  EXPECT_EQ(round_trip(oids::vector, text + ",1]"),
            "54000 vector cannot have more than 16000 dimensions");
  std::string_view three = "3";
  EXPECT_EQ(parse_typmod(oids::vector, &three, 1), 3);
  EXPECT_EQ(format_typmod(oids::vector, 3), "(3)");
  std::string_view bad = "16001";
  EXPECT_THROW(parse_typmod(oids::vector, &bad, 1), SqlError);
}

TEST(VectorValue, OrderAndSortKeysAgree) {
  const std::pair<Oid, std::vector<std::string_view>> ascending[] = {
      {oids::vector,
       {"[-3]", "[-1,5]", "[0]", "[0,-1]", "[0,0]", "[1]", "[1,2]", "[1,2,3]", "[2]"}},
      {oids::halfvec, {"[-3]", "[-1,5]", "[0]", "[0,-1]", "[1]", "[1,2]", "[2]"}},
      {oids::sparsevec,
       {"{1:-2}/3", "{1:-1}/3", "{}/1", "{2:-1}/2", "{2:-1}/3", "{}/2", "{}/3", "{3:1}/3",
        "{2:1}/3", "{1:1}/1", "{1:1}/3", "{1:1,2:2}/2", "{1:1,2:2,3:3}/3", "{1:2}/1"}},
  };
  IoContext context;
  for (const auto& [oid, texts] : ascending) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      for (std::size_t j = 0; j < texts.size(); ++j) {
        Value a = input_text(context, {oid, -1}, texts[i]);
        Value b = input_text(context, {oid, -1}, texts[j]);
        int expected = i < j ? -1 : (i > j ? 1 : 0);
        EXPECT_EQ(compare(context, oid, a, b), expected) << texts[i] << " " << texts[j];
        int by_key = sort_key(context, oid, a).compare(sort_key(context, oid, b));
        EXPECT_EQ((by_key > 0) - (by_key < 0), expected) << texts[i] << " " << texts[j];
      }
    }
  }
}

TEST(FloatText, Shortest) {
  const std::pair<float, std::string_view> singles[] = {
      {8388608.5F, "8.388608e+06"},
      {1234567.0F, "1.234567e+06"},
      {123456.0F, "123456"},
      {0.0001F, "0.0001"},
      {0.00001F, "1e-05"},
      {67108864.0F, "6.7108864e+07"},
      {33554432.0F, "3.3554432e+07"},
      {1.17549435e-38F, "1.1754944e-38"},
      {1e-45F, "1e-45"},
      {-0.0F, "-0"},
      {16777216.0F, "1.6777216e+07"},
      {100.0F, "100"},
      {-12.5F, "-12.5"},
  };
  for (auto [value, expected] : singles) {
    std::string out;
    append_float4(out, value);
    EXPECT_EQ(out, expected);
  }
  const std::pair<double, std::string_view> doubles[] = {
      {1e23, "9.999999999999999e+22"},
      {9007199254740993.0, "9.007199254740992e+15"},
      {5e-324, "5e-324"},
      {0.1, "0.1"},
      {123456789012345.0, "123456789012345"},
      {1e15, "1e+15"},
      {2.2250738585072014e-308, "2.2250738585072014e-308"},
  };
  for (auto [value, expected] : doubles) {
    std::string out;
    append_float8(out, value);
    EXPECT_EQ(out, expected);
  }
}

}  // namespace
}  // namespace dvecdb::server::types
