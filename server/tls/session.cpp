#include "server/tls/session.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <utility>

namespace dvecdb::server::tls {

namespace {

constexpr std::size_t read_bytes = 16 * 1024;  // the largest record

// What OpenSSL reports besides "more bytes are needed".
[[noreturn]] void fail(int problem) {
  const unsigned long code = ERR_peek_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  throw TlsError(reason != nullptr ? reason : "TLS failure " + std::to_string(problem));
}

}  // namespace

TlsSession::TlsSession(std::shared_ptr<boost::asio::ssl::context> context, const char* protocol)
    : context_(std::move(context)), session_(SSL_new(context_->native_handle())) {
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  if (!session_ || in == nullptr || out == nullptr) throw std::bad_alloc();
  SSL_set_bio(session_.get(), in, out);  // which owns them from now on
  SSL_set_accept_state(session_.get());
  set_protocol(session_.get(), protocol);
}

TlsSession::~TlsSession() = default;

bool TlsSession::is_established() const {
  return SSL_is_init_finished(session_.get()) != 0;
}

void TlsSession::receive(std::string_view wire, std::string& plain) {
  ERR_clear_error();
  BIO_write(SSL_get_rbio(session_.get()), wire.data(), static_cast<int>(wire.size()));
  if (!is_established()) {
    const int done = SSL_do_handshake(session_.get());
    if (done != 1) {
      const int problem = SSL_get_error(session_.get(), done);
      if (problem != SSL_ERROR_WANT_READ) fail(problem);
      return;
    }
  }
  std::array<char, read_bytes> bytes;
  while (true) {
    const int count = SSL_read(session_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (count > 0) {
      plain.append(bytes.data(), static_cast<std::size_t>(count));
      continue;
    }
    const int problem = SSL_get_error(session_.get(), count);
    if (problem == SSL_ERROR_WANT_READ) return;
    if (problem != SSL_ERROR_ZERO_RETURN) fail(problem);
    is_closed_ = true;
    return;
  }
}

std::string TlsSession::protocol() const {
  const unsigned char* name = nullptr;
  unsigned int length = 0;
  SSL_get0_alpn_selected(session_.get(), &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

std::string TlsSession::version() const {
  return SSL_get_version(session_.get());
}

std::string TlsSession::cipher() const {
  const char* name = SSL_get_cipher_name(session_.get());
  return name == nullptr ? "" : name;
}

int TlsSession::cipher_bits() const {
  return SSL_get_cipher_bits(session_.get(), nullptr);
}

void TlsSession::send(std::string_view plain) {
  if (plain.empty()) return;
  ERR_clear_error();
  std::size_t written = 0;
  const int done = SSL_write_ex(session_.get(), plain.data(), plain.size(), &written);
  if (done != 1) fail(SSL_get_error(session_.get(), done));
}

void TlsSession::close() {
  ERR_clear_error();
  if (is_established()) SSL_shutdown(session_.get());
  ERR_clear_error();
}

std::string TlsSession::take_output() {
  BIO* out = SSL_get_wbio(session_.get());
  std::string bytes(BIO_ctrl_pending(out), '\0');
  if (!bytes.empty()) BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
  return bytes;
}

std::string TlsSession::server_end_point() const {
  X509* certificate = SSL_get_certificate(session_.get());
  int digest = NID_undef;
  if (certificate == nullptr ||
      X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) != 1) {
    return {};
  }
  // The two that RFC 5929 replaces.
  if (digest == NID_md5 || digest == NID_sha1) digest = NID_sha256;
  const EVP_MD* algorithm = EVP_get_digestbynid(digest);
  if (algorithm == nullptr) return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned int length = 0;
  if (X509_digest(certificate, algorithm, bytes.data(), &length) != 1) return {};
  return {reinterpret_cast<const char*>(bytes.data()), length};
}

}  // namespace dvecdb::server::tls
