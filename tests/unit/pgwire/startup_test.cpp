#include "server/pgwire/startup.h"

#include <gtest/gtest.h>

#include "server/pgwire/message_writer.h"
#include "server/types/error.h"

namespace dvecdb::server::pgwire {
namespace {

std::string packet(std::int32_t code, std::string_view rest = {}) {
  std::string bytes;
  MessageWriter(bytes).int32(code).bytes(rest);
  return bytes;
}

constexpr std::int32_t version_3_0 = 3 << 16;

std::string startup(std::string_view parameters) {
  return packet(version_3_0, parameters);
}

TEST(Startup, ReadsUserDatabaseAndSettings) {
  using namespace std::string_literals;
  const auto request = std::get<StartupRequest>(
      parse_startup(startup("user\0ada\0database\0shop\0application_name\0psql\0\0"s)));
  EXPECT_EQ(request.user, "ada");
  EXPECT_EQ(request.database, "shop");
  ASSERT_EQ(request.settings.size(), 1U);
  EXPECT_EQ(request.settings[0].first, "application_name");
}

TEST(Startup, DatabaseDefaultsToUser) {
  using namespace std::string_literals;
  EXPECT_EQ(std::get<StartupRequest>(parse_startup(startup("user\0ada\0\0"s))).database, "ada");
}

TEST(Startup, ReadsOptions) {
  using namespace std::string_literals;
  const auto request = std::get<StartupRequest>(
      parse_startup(startup("user\0a\0options\0-c work_mem=1MB --search-path=a\\ b\0\0"s)));
  ASSERT_EQ(request.settings.size(), 2U);
  EXPECT_EQ(request.settings[0], (std::pair<std::string, std::string>("work_mem", "1MB")));
  EXPECT_EQ(request.settings[1], (std::pair<std::string, std::string>("search_path", "a b")));
}

TEST(Startup, KnowsRequests) {
  EXPECT_TRUE(std::holds_alternative<SslRequest>(parse_startup(packet(80877103))));
  EXPECT_TRUE(std::holds_alternative<GssEncryptionRequest>(parse_startup(packet(80877104))));
  const auto cancel = std::get<CancelRequest>(
      parse_startup(packet(80877102, std::string_view("\0\0\0\7\0\0\0\10", 8))));
  EXPECT_EQ(cancel.pid, 7);
  EXPECT_EQ(cancel.secret, 8);
}

TEST(Startup, RefusesNonsense) {
  using namespace std::string_literals;
  const auto state_of = [](const std::string& body) {
    try {
      parse_startup(body);
    } catch (const types::SqlError& error) {
      return error.sqlstate();
    }
    return std::string("none");
  };
  EXPECT_EQ(state_of(""), "08P01");
  EXPECT_EQ(state_of(packet(2 << 16)), "0A000");
  EXPECT_EQ(state_of(startup("user\0ada"s)), "08P01");
  EXPECT_EQ(state_of(startup("\0"s)), "28000");
  EXPECT_EQ(state_of(startup("user\0ada\0\0trailing"s)), "08P01");
  EXPECT_EQ(state_of(packet(80877102, "shrt")), "08P01");
}

}  // namespace
}  // namespace dvecdb::server::pgwire
