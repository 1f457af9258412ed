// Passwords and API keys, as the protocols ask the engine about them.
#include <gtest/gtest.h>

#include <chrono>
#include <regex>

#include "server/exec/crypto.h"
#include "server/exec/scram.h"
#include "server/types/error.h"
#include "tests/unit/exec/session_fixture.h"

namespace dvecdb::server::exec {
namespace {

// The salt of RFC 7677's example, and its password, "pencil".
constexpr std::string_view pencil =
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
    "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

std::string state_of(std::string_view password) {
  try {
    make_scram_verifier(password);
  } catch (const types::SqlError& error) {
    return error.sqlstate();
  }
  return "kept";
}

TEST(ScramVerifier, IsMadeAndReadBack) {
  const auto verifier = parse_scram_verifier(make_scram_verifier("pencil"));
  ASSERT_TRUE(verifier);
  EXPECT_TRUE(is_password_of(*verifier, "pencil"));
  EXPECT_FALSE(is_password_of(*verifier, "Pencil"));
  EXPECT_FALSE(is_password_of(*verifier, ""));
}

TEST(ScramVerifier, OfOthersIsKeptAsItIs) {
  EXPECT_EQ(make_scram_verifier(pencil), pencil);
  EXPECT_TRUE(is_password_of(*parse_scram_verifier(pencil), "pencil"));
}

TEST(ScramVerifier, NonsenseIsAPasswordLikeAnyOther) {
  const std::string whole(pencil);
  for (const std::string& text :
       {std::string("SCRAM-SHA-256$"), whole.substr(0, whole.size() - 4), whole + "=",
        "SCRAM-SHA-256$0:" + whole.substr(19), "SCRAM-SHA-256$x" + whole.substr(14),
        std::string("SCRAM-SHA-256$4096:$:"), std::string("SCRAM-SHA-256$4096")}) {
    EXPECT_FALSE(parse_scram_verifier(text)) << text;
    EXPECT_TRUE(is_password_of(*parse_scram_verifier(make_scram_verifier(text)), text));
  }
}

TEST(ScramVerifier, RefusesMd5AndCostlyOnes) {
  EXPECT_EQ(state_of("md5a3556571e93b0d20722ba62be61e8c2d"), "0A000");
  EXPECT_EQ(state_of("md5 is old"), "kept");
  EXPECT_EQ(state_of("SCRAM-SHA-256$1000001:" + std::string(pencil.substr(19))), "22023");
}

TEST(ScramVerifier, MadeUpIsTheSameEveryTime) {
  EXPECT_EQ(made_up_scram_verifier("secret", "ada"), made_up_scram_verifier("secret", "ada"));
  EXPECT_NE(made_up_scram_verifier("secret", "ada"), made_up_scram_verifier("secret", "bob"));
  EXPECT_TRUE(parse_scram_verifier(made_up_scram_verifier("secret", "ada")));
}

class Logins : public SessionTest {
 protected:
  std::string new_key(std::string_view arguments) {
    std::string key = rows("SELECT dvecdb_create_api_key(" + std::string(arguments) + ")");
    while (!key.empty() && std::isspace(static_cast<unsigned char>(key.back()))) key.pop_back();
    return key;
  }
};

TEST_F(Logins, PasswordsOfRolesThatMayUseThem) {
  run("CREATE ROLE ada LOGIN PASSWORD 'pencil'; CREATE ROLE crew PASSWORD 'pencil';"
      "CREATE ROLE old LOGIN PASSWORD 'pencil' VALID UNTIL '2020-01-01';"
      "CREATE ROLE young LOGIN PASSWORD 'pencil' VALID UNTIL 'infinity'; CREATE ROLE bare LOGIN");
  for (int i = 0; i < 2; ++i) {  // the second time from memory
    EXPECT_TRUE(engine_->check_password("ada", "pencil"));
    EXPECT_TRUE(engine_->check_password("young", "pencil"));
    for (const char* role : {"crew", "old", "bare", "nobody"}) {
      EXPECT_FALSE(engine_->check_password(role, "pencil")) << role;
    }
    EXPECT_FALSE(engine_->check_password("ada", "pen"));
    EXPECT_FALSE(engine_->check_password("bare", ""));
  }
  run("ALTER ROLE ada PASSWORD 'crayon'; ALTER ROLE young VALID UNTIL '2020-01-01'");
  EXPECT_FALSE(engine_->check_password("ada", "pencil"));
  EXPECT_TRUE(engine_->check_password("ada", "crayon"));
  EXPECT_FALSE(engine_->check_password("young", "pencil"));
}

TEST_F(Logins, StrangersCannotTellWhoHasAPassword) {
  run("CREATE ROLE bare LOGIN");
  for (const char* role : {"bare", "nobody"}) {
    const RoleLogin login = engine_->role_login(role);
    EXPECT_FALSE(login.has_password);
    EXPECT_EQ(login.verifier, engine_->role_login(role).verifier);
    EXPECT_TRUE(parse_scram_verifier(login.verifier));
  }
  const std::string before = engine_->role_login("nobody").verifier;
  reopen();
  EXPECT_EQ(engine_->role_login("nobody").verifier, before);
}

TEST_F(Logins, ApiKeysActForTheirRole) {
  run("CREATE ROLE ada LOGIN");
  const std::string key = new_key("'ada', 'of the importer'");
  EXPECT_TRUE(std::regex_match(key, std::regex("dvk_1_[0-9a-f]{64}"))) << key;
  EXPECT_EQ(engine_->role_of_api_key(key), "ada");
  reopen();
  EXPECT_EQ(engine_->role_of_api_key(key), "ada");
  const std::string secret = key.substr(key.rfind('_') + 1);
  for (const std::string& wrong :
       {std::string(), secret, key + "0", key.substr(0, key.size() - 1), "dvk_2_" + secret,
        "dvk_1_x_" + secret, "dvk__" + secret, "dvk_99999999999999999999_" + secret,
        "dvk_1_" + std::string(64, '0')}) {
    EXPECT_EQ(engine_->role_of_api_key(wrong), std::nullopt) << wrong;
  }
  run("ALTER ROLE ada NOLOGIN");
  EXPECT_EQ(engine_->role_of_api_key(key), std::nullopt);
  run("ALTER ROLE ada LOGIN; ALTER ROLE ada RENAME TO eve");
  EXPECT_EQ(engine_->role_of_api_key(key), "eve");
  run("DROP ROLE eve; CREATE ROLE eve LOGIN");
  EXPECT_EQ(engine_->role_of_api_key(key), std::nullopt);
  EXPECT_EQ(rows("SELECT count(*) FROM dvecdb_api_keys()"), rows("SELECT 0::bigint"));
}

TEST_F(Logins, ApiKeysRunOutAreDroppedAndRolledBack) {
  const std::string late = new_key("'postgres', 'late', now() - interval '1 second'");
  EXPECT_EQ(engine_->role_of_api_key(late), std::nullopt);
  const std::string soon = new_key("'postgres', 'soon', now() + interval '1 hour'");
  EXPECT_EQ(engine_->role_of_api_key(soon), "postgres");
  run("BEGIN");
  const std::string undone = new_key("'postgres', 'undone'");
  run("ROLLBACK");
  EXPECT_EQ(engine_->role_of_api_key(undone), std::nullopt);
  EXPECT_EQ(rows("SELECT dvecdb_drop_api_key(id) FROM dvecdb_api_keys() WHERE label = 'soon'"),
            rows("SELECT true"));
  EXPECT_EQ(engine_->role_of_api_key(soon), std::nullopt);
  EXPECT_EQ(rows("SELECT dvecdb_drop_api_key(12345)"), rows("SELECT false"));
}

TEST_F(Logins, ApiKeysAreARolesOwnBusiness) {
  run("CREATE ROLE ada LOGIN; CREATE ROLE bob LOGIN");
  const auto ada = connect("ada");
  const auto bob = connect("bob");
  EXPECT_EQ(rows(*ada, "SELECT dvecdb_create_api_key('ada', 'mine') LIKE 'dvk_%'"),
            rows("SELECT true"));
  for (const char* refused :
       {"SELECT dvecdb_create_api_key('ada', 'theirs')", "SELECT dvecdb_drop_api_key(1)",
        "SELECT dvecdb_create_api_key('postgres', 'all')"}) {
    EXPECT_NE(run(*bob, refused).find("42501"), std::string::npos) << refused;
  }
  EXPECT_EQ(rows(*bob, "SELECT count(*) FROM dvecdb_api_keys()"), rows("SELECT 0::bigint"));
  EXPECT_EQ(rows(*ada, "SELECT role, label FROM dvecdb_api_keys()"),
            rows("SELECT 'ada'::name, 'mine'"));
  EXPECT_NE(run("SELECT dvecdb_create_api_key('nobody', 'x')").find("42704"), std::string::npos);
  EXPECT_NE(run("SELECT dvecdb_create_api_key('ada', NULL)").find("22004"), std::string::npos);
  EXPECT_NE(run("SELECT dvecdb_create_api_key('ada', repeat('x', 1025))").find("22001"),
            std::string::npos);
}

TEST_F(Logins, TheBootstrapKeyIsTheSuperusers) {
  engine_->set_bootstrap_api_key("a key that somebody wrote into a file");
  EXPECT_EQ(engine_->role_of_api_key("a key that somebody wrote into a file"), "postgres");
  EXPECT_EQ(engine_->role_of_api_key("a key that somebody wrote into a fil"), std::nullopt);
}

TEST_F(Logins, ARoleHasItsLimitOfConnections) {
  run("CREATE ROLE ada LOGIN CONNECTION LIMIT 1; CREATE ROLE nil LOGIN CONNECTION LIMIT 0");
  const auto first = connect("ada");
  try {
    connect("ada");
    FAIL() << "a second session";
  } catch (const types::SqlError& error) {
    EXPECT_EQ(error.sqlstate(), "53300");
    EXPECT_STREQ(error.what(), "too many connections for role \"ada\"");
  }
  EXPECT_THROW(connect("nil"), types::SqlError);
  EXPECT_NE(run("ALTER ROLE ada CONNECTION LIMIT -2").find("22023"), std::string::npos);
  run("ALTER ROLE ada CONNECTION LIMIT 2");
  EXPECT_NO_THROW(connect("ada"));
}

}  // namespace
}  // namespace dvecdb::server::exec
