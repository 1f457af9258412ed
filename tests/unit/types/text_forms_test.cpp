#include <gtest/gtest.h>

#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/type_io.h"
#include "tests/unit/types/forms.h"
#include "tests/unit/types/test_catalog.h"

namespace dvecdb::server::types {
namespace {

struct Case {
  Oid type;
  std::string_view text;
  std::string_view expected;
};

IoContext context() {
  IoContext io;
  io.types = &testing::test_catalog();
  return io;
}

// The text of what was read; the binary form must read back as the same.
std::string read_back(Oid type, std::string_view text, std::int32_t typmod = -1) {
  IoContext io = context();
  try {
    Value value = input_text(io, {type, typmod}, text);
    std::string out;
    output_text(io, {type, -1}, value, out);
    std::string message;
    send_binary(io, {type, -1}, value, message);
    Value received = receive_binary(io, {type, -1}, message);
    EXPECT_EQ(received.as_bytes(), value.as_bytes()) << text;
    EXPECT_EQ(received.as_integer(), value.as_integer()) << text;
    EXPECT_EQ(compare(io, type, received, value), 0) << text;
    return out;
  } catch (const SqlError& error) {
    return testing::show_error(error);
  }
}

// The expected answers are PostgreSQL 15's.
TEST(TextForms, AnswerAsPostgres) {
  const Case cases[] = {
      {oids::uuid, "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
       "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
      {oids::uuid, "{a0eebc999c0b4ef8bb6d6bb9bd380a11}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
      {oids::uuid, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
      {oids::uuid, "a0eebc99-9c0b4ef8-bb6d6bb9-bd380a1",
       "22P02 invalid input syntax for type uuid: \"a0eebc99-9c0b4ef8-bb6d6bb9-bd380a1\""},
      {oids::uuid, "", "22P02 invalid input syntax for type uuid: \"\""},
      {oids::uuid, "{", "22P02 invalid input syntax for type uuid: \"{\""},
      {oids::uuid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11x",
       "22P02 invalid input syntax for type uuid: \"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11x\""},
      {oids::uuid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-",
       "22P02 invalid input syntax for type uuid: \"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-\""},
      {oids::inet, "10.1", "22P02 invalid input syntax for type inet: \"10.1\""},
      {oids::inet, "10.1.2.3/8", "10.1.2.3/8"},
      {oids::inet, "::1", "::1"},
      {oids::inet, "::ffff:1.2.3.4", "::ffff:1.2.3.4"},
      {oids::inet, "1:2::/32", "1:2::/32"},
      {oids::inet, "1.2.3.4/33", "22P02 invalid input syntax for type inet: \"1.2.3.4/33\""},
      {oids::inet, "abc", "22P02 invalid input syntax for type inet: \"abc\""},
      {oids::inet, "1.2.3.4/", "22P02 invalid input syntax for type inet: \"1.2.3.4/\""},
      {oids::inet, "1.2.3.256", "22P02 invalid input syntax for type inet: \"1.2.3.256\""},
      {oids::inet, "", "22P02 invalid input syntax for type inet: \"\""},
      {oids::inet, "1.2.3.4/32", "1.2.3.4"},
      {oids::inet, "::/0", "::/0"},
      {oids::inet, "1.2.3.4/-1", "22P02 invalid input syntax for type inet: \"1.2.3.4/-1\""},
      {oids::inet, "fe80::1/64", "fe80::1/64"},
      {oids::inet, "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {oids::cidr, "10", "10.0.0.0/8"},
      {oids::cidr, "10.0.0.0/8", "10.0.0.0/8"},
      {oids::cidr, "192.168", "192.168.0.0/24"},
      {oids::cidr, "172.16/12", "172.16.0.0/12"},
      {oids::cidr, "10.1.2.3/8",
       "22P02 invalid cidr value: \"10.1.2.3/8\" | Value has bits set to right of mask."},
      {oids::cidr, "10.1.2.3", "10.1.2.3/32"},
      {oids::cidr, "128.1", "128.1.0.0/16"},
      {oids::cidr, "224", "224.0.0.0/4"},
      {oids::cidr, "1:2::/32", "1:2::/32"},
      {oids::cidr, "::1", "::1/128"},
      {oids::macaddr, "08:00:2b:01:02:03", "08:00:2b:01:02:03"},
      {oids::macaddr, "08-00-2b-01-02-03", "08:00:2b:01:02:03"},
      {oids::macaddr, "08002b:010203", "08:00:2b:01:02:03"},
      {oids::macaddr, "0800.2b01.0203", "08:00:2b:01:02:03"},
      {oids::macaddr, "08002b010203", "08:00:2b:01:02:03"},
      {oids::macaddr, "08:00:2b:01:02",
       "22P02 invalid input syntax for type macaddr: \"08:00:2b:01:02\""},
      {oids::macaddr, "zz", "22P02 invalid input syntax for type macaddr: \"zz\""},
      {oids::macaddr, "", "22P02 invalid input syntax for type macaddr: \"\""},
      {oids::pg_lsn, "16/B374D848", "16/B374D848"},
      {oids::pg_lsn, "0/0", "0/0"},
      {oids::pg_lsn, "FFFFFFFF/FFFFFFFF", "FFFFFFFF/FFFFFFFF"},
      {oids::pg_lsn, "x", "22P02 invalid input syntax for type pg_lsn: \"x\""},
      {oids::pg_lsn, "1/", "22P02 invalid input syntax for type pg_lsn: \"1/\""},
      {oids::pg_lsn, "/1", "22P02 invalid input syntax for type pg_lsn: \"/1\""},
      {oids::pg_lsn, "123456789/0", "22P02 invalid input syntax for type pg_lsn: \"123456789/0\""},
      {oids::pg_lsn, "g/0", "22P02 invalid input syntax for type pg_lsn: \"g/0\""},
      {oids::bytea, "\\x41", "\\x41"},
      {oids::bytea, "a\\\\b\\001", "\\x615c6201"},
      {oids::bytea, "\\x4", "22023 invalid hexadecimal data: odd number of digits"},
      {oids::bytea, "\\xzz", "22023 invalid hexadecimal digit: \"z\""},
      {oids::bytea, "a\\1", "22P02 invalid input syntax for type bytea"},
      {oids::bytea, "\\x 41 42", "\\x4142"},
      {oids::bytea, "", "\\x"},
      {oids::varbit, "x1F", "00011111"},
      {oids::varbit, "12", "22P02 \"2\" is not a valid binary digit"},
      {oids::varbit, "xg", "22P02 \"g\" is not a valid hexadecimal digit"},
      {oids::varbit, "101", "101"},
      {oids::varbit, "B11", "11"},
      {oids::varbit, "", ""},
      {oids::varbit, "2", "22P02 \"2\" is not a valid binary digit"},
      {oids::internal_char, "", ""},
      {oids::internal_char, "abc", "a"},
      {oids::internal_char, "\\101", "A"},
      {oids::internal_char, "\\377", "\\377"},
      {oids::internal_char, "é", "\\303"},
      {oids::name, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
       "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
      {oids::name, "éééééééééééééééééééééééééééééééééééééééé", "ééééééééééééééééééééééééééééééé"},
      {oids::name, "abc", "abc"},
      {oids::int4_array, "{1,2}", "{1,2}"},
      {oids::int4_array, "{{1,2},{3}}",
       "22P02 malformed array literal: \"{{1,2},{3}}\" | Multidimensional arrays must have "
       "sub-arrays with matching dimensions."},
      {oids::int4_array, "{{1},2}",
       "22P02 malformed array literal: \"{{1},2}\" | Unexpected array element."},
      {oids::int4_array, "{1,{2}}",
       "22P02 malformed array literal: \"{1,{2}}\" | Unexpected \"{\" character."},
      {oids::int4_array, "{{},{}}",
       "22P02 malformed array literal: \"{{},{}}\" | Unexpected \"}\" character."},
      {oids::int4_array, "{{},{1}}",
       "22P02 malformed array literal: \"{{},{1}}\" | Unexpected \"}\" character."},
      {oids::int4_array, "{{1},{}}",
       "22P02 malformed array literal: \"{{1},{}}\" | Unexpected \"}\" character."},
      {oids::int4_array, "{1,}",
       "22P02 malformed array literal: \"{1,}\" | Unexpected \"}\" character."},
      {oids::int4_array, "{,1}",
       "22P02 malformed array literal: \"{,1}\" | Unexpected \",\" character."},
      {oids::int4_array, "{1,,2}",
       "22P02 malformed array literal: \"{1,,2}\" | Unexpected \",\" character."},
      {oids::int4_array, "{1}x",
       "22P02 malformed array literal: \"{1}x\" | Junk after closing right brace."},
      {oids::int4_array, "{1", "22P02 malformed array literal: \"{1\" | Unexpected end of input."},
      {oids::int4_array, "{\"1",
       "22P02 malformed array literal: \"{\"1\" | Unexpected end of input."},
      {oids::int4_array, "[1:2]={1}",
       "22P02 malformed array literal: \"[1:2]={1}\" | Specified array dimensions do not match "
       "array contents."},
      {oids::int4_array, "[0:1]={1,2}", "[0:1]={1,2}"},
      {oids::int4_array, "[2:1]={1,2}", "2202E upper bound cannot be less than lower bound"},
      {oids::int4_array, "[2]={1,2}", "{1,2}"},
      {oids::int4_array, " [ 0 : 1 ] = {1,2}",
       "22P02 malformed array literal: \" [ 0 : 1 ] = {1,2}\" | \"[\" must introduce "
       "explicitly-specified array dimensions."},
      {oids::int4_array, "1",
       "22P02 malformed array literal: \"1\" | Array value must start with \"{\" or dimension "
       "information."},
      {oids::int4_array, "[1",
       "22P02 malformed array literal: \"[1\" | Missing \"]\" after array dimensions."},
      {oids::int4_array, "[a]={1}",
       "22P02 malformed array literal: \"[a]={1}\" | \"[\" must introduce explicitly-specified "
       "array dimensions."},
      {oids::int4_array, "[1]{1}",
       "22P02 malformed array literal: \"[1]{1}\" | Missing \"=\" after array dimensions."},
      {oids::int4_array, "{{{{{{{1}}}}}}}",
       "54000 number of array dimensions (7) exceeds the maximum allowed (6)"},
      {oids::int4_array, "{}}",
       "22P02 malformed array literal: \"{}}\" | Junk after closing right brace."},
      {oids::int4_array, "{{1}",
       "22P02 malformed array literal: \"{{1}\" | Unexpected end of input."},
      {oids::int4_array, "{ }", "{}"},
      {oids::int4_array, "{1 2}", "22P02 invalid input syntax for type integer: \"1 2\""},
      {oids::int4_array, "",
       "22P02 malformed array literal: \"\" | Array value must start with \"{\" or dimension "
       "information."},
      {oids::int4_array, "[1:1]={}",
       "22P02 malformed array literal: \"[1:1]={}\" | Specified array dimensions do not match "
       "array contents."},
      {oids::int4_array, "[-2:-1][3:3]={{1},{2}}", "[-2:-1][3:3]={{1},{2}}"},
      {oids::int4_array, "{ 1 , 2 }", "{1,2}"},
      {oids::int4_array, "{null,NULL}", "{NULL,NULL}"},
      {oids::int4_array, "{\"null\"}", "22P02 invalid input syntax for type integer: \"null\""},
      {oids::int4_array, "{{{1,2},{3,4}},{{5,6},{7,8}}}", "{{{1,2},{3,4}},{{5,6},{7,8}}}"},
      {oids::int4_array, "[1:1][1:1][1:1][1:1][1:1][1:1][1:1]={1}",
       "54000 number of array dimensions (7) exceeds the maximum allowed (6)"},
      {oids::text_array, "{a b, \"c\" , nUll, \\null,\"null\"}",
       "{\"a b\",c,NULL,\"null\",\"null\"}"},
      {oids::text_array, "{\"a\"b}",
       "22P02 malformed array literal: \"{\"a\"b}\" | Unexpected array element."},
      {oids::text_array, "{a\"b\"}",
       "22P02 malformed array literal: \"{a\"b\"}\" | Unexpected array element."},
      {oids::text_array, "{a{b}",
       "22P02 malformed array literal: \"{a{b}\" | Unexpected \"{\" character."},
      {oids::text_array, "{{a}b}",
       "22P02 malformed array literal: \"{{a}b}\" | Unexpected array element."},
      {oids::text_array, "{\"a\" \"b\"}",
       "22P02 malformed array literal: \"{\"a\" \"b\"}\" | Unexpected array element."},
      {oids::text_array, "{\\}",
       "22P02 malformed array literal: \"{\\}\" | Unexpected end of input."},
      {oids::text_array, "{\"a\\\"b\\\\c\",\"\",a\\,b}", "{\"a\\\"b\\\\c\",\"\",\"a,b\"}"},
      {oids::text_array, "{\"a,b\",\"{\"}", "{\"a,b\",\"{\"}"},
      {oids::text_array, "{ a , b }", "{a,b}"},
      {oids::text_array, "{é}", "{é}"},
      {oids::int2vector, "1 2 3", "1 2 3"},
      {oids::int2vector, "", ""},
      {oids::int2vector, " 1  2 ", "1 2"},
      {oids::int2vector, "x", "22P02 invalid input syntax for type smallint: \"x\""},
      {oids::oidvector, "1 2", "1 2"},
      {oids::oidvector, "", ""},
      {oids::bool_array, "{t,f,NULL}", "{t,f,NULL}"},
      {oids::float8_array, "{1.5,NaN,-0}", "{1.5,NaN,-0}"},
      {oids::numeric_array, "{1.50,NaN}", "{1.50,NaN}"},
      {oids::jsonb_array, "{\"{\\\"a\\\":1}\",1}", "{\"{\\\"a\\\": 1}\",1}"},
  };
  for (const Case& c : cases) EXPECT_EQ(read_back(c.type, c.text), c.expected) << c.text;
}

TEST(TextForms, Records) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"(1,2)", "(1,2)"},
      {"(1)", "22P02 malformed record literal: \"(1)\" | Too few columns."},
      {"(1,2,3)", "22P02 malformed record literal: \"(1,2,3)\" | Too many columns."},
      {"1,2)", "22P02 malformed record literal: \"1,2)\" | Missing left parenthesis."},
      {"(1,2", "22P02 malformed record literal: \"(1,2\" | Unexpected end of input."},
      {"(1,2)x", "22P02 malformed record literal: \"(1,2)x\" | Junk after right parenthesis."},
      {"( 1 ,  x )", "(1,\"  x \")"},
      {"(1,\"a\"\"b\\c\")", "(1,\"a\"\"bc\")"},
      {"(1,)", "(1,)"},
      {"(,\"\")", "(,\"\")"},
      {"()", "22P02 malformed record literal: \"()\" | Too few columns."},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(read_back(testing::pair, text), expected) << text;
  }
}

TEST(TextForms, EnumsAndDomains) {
  EXPECT_EQ(read_back(testing::mood, "ok"), "ok");
  EXPECT_EQ(read_back(testing::mood, "bad"), "22P02 invalid input value for enum mood: \"bad\"");
  EXPECT_EQ(read_back(testing::mood_array, "{sad,happy}"), "{sad,happy}");
  EXPECT_EQ(read_back(testing::short_text, "abc"), "abc");
  EXPECT_EQ(read_back(testing::short_text, "abcd"),
            "22001 value too long for type character varying(3)");
}

TEST(TextForms, Modifiers) {
  EXPECT_EQ(read_back(oids::bpchar, "a", 6), "a ");
  EXPECT_EQ(read_back(oids::bpchar, "ab   ", 6), "ab");
  EXPECT_EQ(read_back(oids::bpchar, "abc", 6), "22001 value too long for type character(2)");
  EXPECT_EQ(read_back(oids::varchar, "ab   ", 6), "ab");
  EXPECT_EQ(read_back(oids::varchar, "\u00e9\u00e9", 6), "\u00e9\u00e9");
  EXPECT_EQ(read_back(oids::bit, "101", 2), "22026 bit string length 3 does not match type bit(2)");
  EXPECT_EQ(read_back(oids::varbit, "101", 2), "22001 bit string too long for type bit varying(2)");
  IoContext io = context();
  Value cut = apply_typmod(io, {oids::varchar, 6}, Value::text("abc"), true);
  EXPECT_EQ(cut.as_bytes(), "ab");
  std::string_view zero = "0";
  EXPECT_THROW(parse_typmod(oids::varchar, &zero, 1), SqlError);
  EXPECT_EQ(format_typmod(oids::varchar, 14), "(10)");
}

TEST(TextForms, BadBytes) {
  EXPECT_EQ(read_back(oids::text, "a\xff"),
            "22021 invalid byte sequence for encoding \"UTF8\": 0xff");
  EXPECT_EQ(read_back(oids::text, std::string_view("a\0", 2)),
            "22021 invalid byte sequence for encoding \"UTF8\": 0x00");
  EXPECT_EQ(read_back(oids::text, "\xc3("),
            "22021 invalid byte sequence for encoding \"UTF8\": 0xc3 0x28");
  EXPECT_EQ(read_back(oids::text, "\xed\xa0\x80"),
            "22021 invalid byte sequence for encoding \"UTF8\": 0xed 0xa0 0x80");
}

// A message cut anywhere is refused, never read past its end.
TEST(TextForms, CutMessages) {
  IoContext io = context();
  const std::pair<Oid, std::string_view> values[] = {
      {oids::int4_array, "{{1,2},{3,NULL}}"},
      {oids::text_array, "{a,b}"},
      {testing::pair, "(1,x)"},
      {oids::inet, "1.2.3.4"},
      {oids::varbit, "10101"},
      {oids::uuid, "{a0eebc999c0b4ef8bb6d6bb9bd380a11}"},
      {oids::vector_array, "{\"[1,2]\"}"},
  };
  for (const auto& [type, text] : values) {
    std::string message;
    send_binary(io, {type, -1}, input_text(io, {type, -1}, text), message);
    for (std::size_t length = 0; length < message.size(); ++length) {
      EXPECT_THROW(receive_binary(io, {type, -1}, message.substr(0, length)), SqlError) << text;
    }
    EXPECT_THROW(receive_binary(io, {type, -1}, message + "x"), SqlError) << text;
  }
}

// The bytes of sort_key() order as compare() does.
TEST(TextForms, SortKeys) {
  IoContext io = context();
  const std::pair<Oid, std::vector<std::string_view>> values[] = {
      {oids::int4_array,
       {"{}", "{1}", "{1,2}", "{1,NULL}", "{2}", "[0:0]={1}", "{{1}}", "{-5}", "{NULL}",
        "{1,2,3}"}},
      {oids::text_array, {"{a}", "{a,b}", "{ab}", "{\"\"}", "{NULL}", "{\"\",b}"}},
      {testing::pair, {"(1,a)", "(1,)", "(,a)", "(2,)", "(1,ab)", "(-1,z)", "(,)"}},
      {oids::inet,
       {"1.2.3.4", "1.2.3.0/24", "1.2.3.4/24", "1.2.0.0/16", "::1", "::/0", "0.0.0.0/0",
        "9.9.9.9"}},
      {oids::varbit, {"", "0", "1", "00", "10", "100000000", "1000000000", "11"}},
  };
  auto sign = [](int order) { return (order > 0) - (order < 0); };
  for (const auto& [type, texts] : values) {
    for (std::string_view x : texts) {
      for (std::string_view y : texts) {
        Value a = input_text(io, {type, -1}, x);
        Value b = input_text(io, {type, -1}, y);
        EXPECT_EQ(sign(sort_key(io, type, a).compare(sort_key(io, type, b))),
                  sign(compare(io, type, a, b)))
            << x << " " << y;
      }
    }
  }
}

}  // namespace
}  // namespace dvecdb::server::types
