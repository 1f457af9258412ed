#include "server/tls/session.h"

#include <gtest/gtest.h>

#include "tests/unit/tls/test_certificate.h"

namespace dvecdb::server::tls {
namespace {

using namespace std::chrono_literals;

// A client that trusts everybody, over bytes as the server.
class Client {
 public:
  explicit Client(const std::string& protocols = {}) : context_(SSL_CTX_new(TLS_client_method())) {
    session_ = SSL_new(context_);
    SSL_set_bio(session_, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(session_);
    if (!protocols.empty()) {
      SSL_set_alpn_protos(session_, reinterpret_cast<const unsigned char*>(protocols.data()),
                          static_cast<unsigned>(protocols.size()));
    }
  }
  ~Client() {
    SSL_free(session_);
    SSL_CTX_free(context_);
  }
  SSL* handle() { return session_; }

  std::string take_output() {
    BIO* out = SSL_get_wbio(session_);
    std::string bytes(BIO_ctrl_pending(out), '\0');
    if (!bytes.empty()) BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }
  void receive(const std::string& bytes) {
    BIO_write(SSL_get_rbio(session_), bytes.data(), static_cast<int>(bytes.size()));
  }
  std::string read() {
    std::string text(100000, '\0');
    std::size_t count = 0;
    SSL_read_ex(session_, text.data(), text.size(), &count);
    text.resize(count);
    return text;
  }

 private:
  SSL_CTX* context_;
  SSL* session_ = nullptr;
};

// Returns what the client said along with the handshake.
std::string shake_hands(Client& client, TlsSession& server) {
  std::string plain;
  for (int i = 0; i < 4; ++i) {
    SSL_do_handshake(client.handle());
    server.receive(client.take_output(), plain);
    client.receive(server.take_output());
  }
  return plain;
}

struct TlsSessionTest : testing::Test {
  CertificateFolder folder{make_certificate("server")};
  TlsContext context{folder.files(), 1h};
  TlsSession server{context.current(), "postgresql"};
  std::string plain;
};

TEST_F(TlsSessionTest, CarriesBytesBothWaysHoweverTheyAreCut) {
  Client client;
  shake_hands(client, server);
  ASSERT_TRUE(server.is_established());
  const std::string question(50000, 'q');
  SSL_write(client.handle(), question.data(), static_cast<int>(question.size()));
  for (const char byte : client.take_output()) server.receive({&byte, 1}, plain);
  EXPECT_EQ(plain, question);
  server.send(std::string(50000, 'a'));
  client.receive(server.take_output());
  std::string answer;
  for (std::string piece = client.read(); !piece.empty(); piece = client.read()) answer += piece;
  EXPECT_EQ(answer, std::string(50000, 'a'));
  EXPECT_FALSE(server.is_closed());
  SSL_shutdown(client.handle());
  server.receive(client.take_output(), plain);
  EXPECT_TRUE(server.is_closed());
}

TEST_F(TlsSessionTest, SelectsItsProtocolAndNoOther) {
  Client both("\x08http/1.1\x0apostgresql");
  shake_hands(both, server);
  EXPECT_EQ(server.protocol(), "postgresql");
  TlsSession silent_server(context.current(), "postgresql");
  Client silent;
  shake_hands(silent, silent_server);
  EXPECT_TRUE(silent_server.is_established());
  EXPECT_EQ(silent_server.protocol(), "");
  // A browser that an attacker sent here.
  TlsSession wary_server(context.current(), "postgresql");
  Client browser("\x02h2\x08http/1.1");
  EXPECT_THROW(shake_hands(browser, wary_server), TlsError);
}

TEST_F(TlsSessionTest, RefusesOldVersionsAndNonsense) {
  Client old;
  SSL_set_max_proto_version(old.handle(), TLS1_1_VERSION);
  SSL_set_security_level(old.handle(), 0);
  EXPECT_THROW(shake_hands(old, server), TlsError);
  TlsSession other(context.current(), "postgresql");
  EXPECT_THROW(other.receive("GET / HTTP/1.1\r\n\r\n", plain), TlsError);
  EXPECT_TRUE(plain.empty());
}

TEST_F(TlsSessionTest, BindsToTheDigestOfItsCertificate) {
  Client client;
  shake_hands(client, server);
  X509* certificate = SSL_get1_peer_certificate(client.handle());
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int length = 0;
  X509_digest(certificate, EVP_sha384(), bytes.data(), &length);  // as it is signed
  X509_free(certificate);
  EXPECT_EQ(server.server_end_point(),
            std::string(reinterpret_cast<const char*>(bytes.data()), length));

  const CertificateFolder other(make_certificate("server", "ED25519"));
  const TlsContext context_of_other(other.files(), 1h);
  const TlsSession unbound(context_of_other.current(), "postgresql");
  EXPECT_EQ(unbound.server_end_point(), "");
}

}  // namespace
}  // namespace dvecdb::server::tls
