#include "server/pgwire/frontend.h"

#include <gtest/gtest.h>

#include <random>

#include "server/pgwire/message_writer.h"

namespace dvecdb::server::pgwire {
namespace {

TEST(Frontend, DecodesBind) {
  std::string body;
  MessageWriter(body)
      .cstring("portal")
      .cstring("statement")
      .int16(1)
      .int16(1)
      .int16(2)
      .int32(-1)
      .int32(2)
      .bytes("ab")
      .int16(0);
  const BindMessage message = decode_bind(body);
  EXPECT_EQ(message.portal, "portal");
  EXPECT_EQ(message.statement, "statement");
  ASSERT_EQ(message.parameters.size(), 2U);
  EXPECT_TRUE(message.parameters[0].is_null);
  EXPECT_EQ(message.parameters[1].bytes, "ab");
  EXPECT_TRUE(message.result_formats.empty());
}

TEST(Frontend, RefusesMismatchedFormats) {
  std::string body;
  MessageWriter(body).cstring("").cstring("").int16(2).int16(0).int16(0).int16(1).int32(-1).int16(
      0);
  EXPECT_THROW(decode_bind(body), types::SqlError);
}

TEST(Frontend, DecodesParseDescribeExecute) {
  std::string parse;
  MessageWriter(parse).cstring("s").cstring("SELECT $1").int16(1).int32(23);
  EXPECT_EQ(decode_parse(parse).types, std::vector<types::Oid>{23});
  EXPECT_EQ(decode_target(std::string_view("Pname\0", 6), "DESCRIBE").kind, 'P');
  EXPECT_THROW(decode_target(std::string_view("Qname\0", 6), "DESCRIBE"), types::SqlError);
  EXPECT_EQ(decode_execute(std::string_view("p\0\0\0\0\5", 6)).max_rows, 5);
}

// Whatever the bytes, a decoder answers or throws SqlError.
TEST(Frontend, SurvivesRandomBytes) {
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string body(random() % 40, '\0');
    for (char& byte : body) byte = static_cast<char>(random() % 5 == 0 ? random() : random() % 3);
    const auto survives = [&body](auto decode) {
      try {
        decode(body);
      } catch (const types::SqlError& error) {
        EXPECT_FALSE(error.sqlstate().empty());
      }
    };
    survives([](std::string_view b) { decode_bind(b); });
    survives([](std::string_view b) { decode_parse(b); });
    survives([](std::string_view b) { decode_execute(b); });
    survives([](std::string_view b) { decode_target(b, "CLOSE"); });
    survives([](std::string_view b) { decode_query(b); });
  }
}

}  // namespace
}  // namespace dvecdb::server::pgwire
