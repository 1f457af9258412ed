#include "server/http/authenticate.h"

#include <gtest/gtest.h>

#include "server/exec/crypto.h"
#include "tests/unit/storage/temporary_folder.h"

namespace dvecdb::server::http {
namespace {

const std::string key = "0123456789abcdef0123456789abcdef";

struct AuthenticateTest : testing::Test {
  AuthenticateTest() {
    exec::EngineOptions options;
    options.data_dir = folder.path();
    engine = std::make_unique<exec::Engine>(options);
    engine->set_role_password("postgres", "pass:word");
    engine->set_bootstrap_api_key(key);
  }

  // The role, or the status.
  std::string answer(const TextMap& headers, bool trust_loopback = false, bool is_loopback = true) {
    Request request;
    request.headers = headers;
    request.is_loopback = is_loopback;
    const AuthResult result = authenticate(request, *engine, trust_loopback);
    if (result.status == 200) return result.user;
    EXPECT_FALSE(result.sentence.empty());
    EXPECT_EQ(result.sentence.find(key), std::string::npos);
    return std::to_string(result.status);
  }

  storage::TemporaryFolder folder;
  std::unique_ptr<exec::Engine> engine;
};

std::string basic(const std::string& credentials) {
  return "Basic " + exec::to_base64(credentials);
}

TEST_F(AuthenticateTest, TakesKeysAndPasswords) {
  EXPECT_EQ(answer({{"authorization", "Bearer " + key}}), "postgres");
  EXPECT_EQ(answer({{"authorization", "bearer  " + key + " "}}), "postgres");
  EXPECT_EQ(answer({{"api-key", key}}), "postgres");
  EXPECT_EQ(answer({{"authorization", basic("postgres:pass:word")}}), "postgres");
}

TEST_F(AuthenticateTest, RefusesEverythingElse) {
  for (const std::string& wrong : {std::string(), std::string("Bearer"), "Bearer " + key + "x",
                                   "Bearer " + key + ", Bearer " + key, key, basic("postgres:word"),
                                   basic("postgres"), basic("nobody:pass:word"), basic(":"),
                                   std::string("Basic"), std::string("Basic !"), "Digest " + key}) {
    EXPECT_EQ(answer({{"authorization", wrong}}), "401") << wrong;
  }
  EXPECT_EQ(answer({{"api-key", ""}}), "401");
  EXPECT_EQ(answer({{"api-key", key}, {"authorization", "Bearer " + key}}), "401");
}

TEST_F(AuthenticateTest, TrustsThisMachineWhereToldTo) {
  EXPECT_EQ(answer({}, true), "postgres");
  EXPECT_EQ(answer({}, true, false), "401");
  EXPECT_EQ(answer({}, false), "401");
  // Wrong credentials are not made up for by where they come from.
  EXPECT_EQ(answer({{"api-key", "wrong"}}, true), "401");
}

}  // namespace
}  // namespace dvecdb::server::http
