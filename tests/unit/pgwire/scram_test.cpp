#include "server/pgwire/scram.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "server/exec/crypto.h"
#include "server/types/error.h"

namespace dvecdb::server::pgwire {
namespace {

constexpr std::string_view plain = "SCRAM-SHA-256";
constexpr std::string_view plus = "SCRAM-SHA-256-PLUS";
const std::string end_point(32, 'e');

exec::RoleLogin login_of(std::string_view password) {
  exec::RoleLogin login{true, true, true, {}};
  login.verifier = exec::make_scram_verifier(password);
  return login;
}

// A client that says what it is told to.
struct Client {
  std::string password = "pencil";
  std::string gs2_header = "n,,";
  std::string channel;

  std::string first() const { return gs2_header + bare; }
  std::string final_message(const std::string& server_first) const {
    const std::string nonce = server_first.substr(0, server_first.find(",s="));
    const std::size_t salt_at = server_first.find(",s=") + 3;
    const std::size_t salt_end = server_first.find(",i=");
    const std::string salt = *exec::from_base64(server_first.substr(salt_at, salt_end - salt_at));
    std::string salted(exec::sha256_bytes, '\0');
    PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                      reinterpret_cast<const unsigned char*>(salt.data()),
                      static_cast<int>(salt.size()), std::stoi(server_first.substr(salt_end + 3)),
                      EVP_sha256(), static_cast<int>(salted.size()),
                      reinterpret_cast<unsigned char*>(salted.data()));
    const std::string without_proof = "c=" + exec::to_base64(gs2_header + channel) + "," + nonce;
    const std::string client_key = exec::hmac_sha256(salted, "Client Key");
    std::string proof = exec::hmac_sha256(exec::sha256(client_key),
                                          bare + "," + server_first + "," + without_proof);
    for (std::size_t i = 0; i < proof.size(); ++i) {
      proof[i] = static_cast<char>(proof[i] ^ client_key[i]);
    }
    return without_proof + ",p=" + exec::to_base64(proof);
  }

  const std::string bare = "n=,r=rOprNGfwEbeRWgbNEkqO";
};

// "in", "wrong", or the SQLSTATE.
std::string log_in(const Client& client, std::string_view mechanism, const std::string& channel,
                   const exec::RoleLogin& login = login_of("pencil")) {
  ScramServer server(login, channel);
  try {
    const std::string server_first = server.first_message(mechanism, client.first());
    server.final_message(client.final_message(server_first));
  } catch (const types::SqlError& error) {
    return error.sqlstate();
  }
  return server.is_authenticated() ? "in" : "wrong";
}

TEST(Scram, LetsInByThePasswordAlone) {
  EXPECT_EQ(log_in({}, plain, ""), "in");
  EXPECT_EQ(log_in({"Pencil", "n,,", {}}, plain, ""), "wrong");
  EXPECT_EQ(log_in({"", "n,,", {}}, plain, ""), "wrong");
}

TEST(Scram, LetsNobodyInWithoutAPasswordThatCounts) {
  exec::RoleLogin login = login_of("pencil");
  login.has_password = false;  // VALID UNTIL has passed
  EXPECT_EQ(log_in({}, plain, "", login), "wrong");
  login.verifier = exec::made_up_scram_verifier("secret", "nobody");
  EXPECT_EQ(log_in({}, plain, "", login), "wrong");
}

TEST(Scram, BindsToTheChannel) {
  EXPECT_EQ(log_in({"pencil", "p=tls-server-end-point,,", end_point}, plus, end_point), "in");
  // Somebody between the two has another certificate.
  EXPECT_EQ(log_in({"pencil", "p=tls-server-end-point,,", std::string(32, 'x')}, plus, end_point),
            "28000");
  EXPECT_EQ(log_in({"pencil", "p=tls-unique,,", end_point}, plus, end_point), "08P01");
  // A client over TLS may go without, ...
  EXPECT_EQ(log_in({}, plain, end_point), "in");
  // ... but not because somebody has hidden the other mechanism from it.
  EXPECT_EQ(log_in({"pencil", "y,,", {}}, plain, end_point), "28000");
  EXPECT_EQ(log_in({"pencil", "y,,", {}}, plain, ""), "in");
}

TEST(Scram, RefusesWhatDoesNotFitTogether) {
  EXPECT_EQ(log_in({"pencil", "p=tls-server-end-point,,", end_point}, plain, end_point), "08P01");
  EXPECT_EQ(log_in({"pencil", "n,,", {}}, plus, end_point), "08P01");
  EXPECT_EQ(log_in({"pencil", "p=tls-server-end-point,,", end_point}, plus, ""), "08P01");
  EXPECT_EQ(log_in({"pencil", "n,,", "more"}, plain, ""), "08P01");
  EXPECT_EQ(log_in({}, "SCRAM-SHA-1", ""), "08P01");
  EXPECT_EQ(log_in({"pencil", "n,a=ada,", {}}, plain, ""), "0A000");
}

TEST(Scram, OffersWhatTheConnectionHas) {
  EXPECT_EQ(ScramServer(login_of("x")).mechanisms(), std::string("SCRAM-SHA-256\0\0", 15));
  EXPECT_EQ(ScramServer(login_of("x"), end_point).mechanisms(),
            std::string("SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0", 34));
}

}  // namespace
}  // namespace dvecdb::server::pgwire
