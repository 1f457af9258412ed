// The server's side of TLS on one connection, as a filter over bytes: it has no socket and never
// waits, so a connection keeps its own ways to read, write, wait and be woken.
//
// One thread at a time.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "server/tls/context.h"

namespace dvecdb::server::tls {

class TlsSession {
 public:
  // `protocol`: see set_protocol().
  TlsSession(std::shared_ptr<boost::asio::ssl::context> context, const char* protocol);
  ~TlsSession();

  // Takes bytes off the wire, goes on with the handshake and appends to `plain` what the peer said.
  // Throws TlsError when the peer does not keep to TLS; take_output() has the alert for it.
  void receive(std::string_view wire, std::string& plain);
  bool is_established() const;
  bool is_closed() const { return is_closed_; }  // the peer said that no more comes
  // The protocol that both sides agreed on by ALPN; "" when the client named none.
  std::string protocol() const;

  std::string version() const;  // "TLSv1.3"
  std::string cipher() const;   // "TLS_AES_256_GCM_SHA384"
  int cipher_bits() const;

  // Only when established.
  void send(std::string_view plain);
  // Tells the peer that no more comes.
  void close();
  // What is to go out on the wire now.
  std::string take_output();

  // tls-server-end-point (RFC 5929) for SCRAM; "" when the certificate's signature has no digest.
  std::string server_end_point() const;

 private:
  struct Free {
    void operator()(SSL* session) const { SSL_free(session); }
  };

  std::shared_ptr<boost::asio::ssl::context> context_;
  std::unique_ptr<SSL, Free> session_;
  bool is_closed_ = false;
};

}  // namespace dvecdb::server::tls
