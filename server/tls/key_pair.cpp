#include "server/tls/key_pair.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace dvecdb::server::tls {

namespace asio = boost::asio;

namespace {

constexpr std::string_view ciphers_of_tls12 = "ECDHE+AESGCM:ECDHE+CHACHA20";
// Who may read the key: the owner, and the group, by which Kubernetes shares secrets (fsGroup).
constexpr mode_t forbidden_key_mode = S_IWGRP | S_IXGRP | S_IRWXO;

std::string read_file(const std::string& path, std::string_view what, mode_t forbidden) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    throw TlsError(fmt::format("{} \"{}\": {}", what, path, std::strerror(errno)));
  }
  if (!S_ISREG(status.st_mode)) {
    throw TlsError(fmt::format("{} \"{}\" is not a regular file", what, path));
  }
  if (static_cast<std::size_t>(status.st_size) > max_file_bytes) {
    throw TlsError(
        fmt::format("{} \"{}\" is larger than {} bytes", what, path, std::size_t{max_file_bytes}));
  }
  if ((status.st_mode & forbidden) != 0) {
    throw TlsError(
        fmt::format("{} \"{}\" may be read or changed by others (mode {:04o}): only "
                    "its owner and, to read, its group may (chmod 0640 or less)",
                    what, path, status.st_mode & 07777));
  }
  std::ifstream file(path, std::ios::binary);
  std::string content(std::istreambuf_iterator<char>(file), {});
  if (!file) throw TlsError(fmt::format("{} \"{}\" cannot be read", what, path));
  return content;
}

std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "unknown error" : reason;
}

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

// Without this OpenSSL asks for the passphrase on the terminal.
int refuse_passphrase(char*, int, int, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

void use_key(SSL_CTX* context, const PemPair& pair, const Files& files) {
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(pair.key.data(), static_cast<int>(pair.key.size())));
  bool was_asked = false;
  const std::unique_ptr<EVP_PKEY, FreeKey> key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_passphrase, &was_asked));
  if (was_asked) {
    ERR_clear_error();
    throw TlsError(
        fmt::format("key file \"{}\" is protected by a passphrase: give one without", files.key));
  }
  if (!key) {
    throw TlsError(fmt::format("key file \"{}\" holds no private key in PEM form ({})", files.key,
                               openssl_reason()));
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    throw TlsError(fmt::format("key file \"{}\" does not belong to certificate file \"{}\" ({})",
                               files.key, files.certificate, openssl_reason()));
  }
}

void use_certificate(asio::ssl::context& context, const PemPair& pair, const Files& files) {
  boost::system::error_code error;
  context.use_certificate_chain(asio::buffer(pair.certificate), error);
  ERR_clear_error();
  if (error) {
    throw TlsError(fmt::format("certificate file \"{}\" cannot be used ({})", files.certificate,
                               error.message()));
  }
  const X509* certificate = SSL_CTX_get0_certificate(context.native_handle());
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
    spdlog::warn("tls: the certificate in \"{}\" has expired", files.certificate);
  }
}

}  // namespace

PemPair read_files(const Files& files) {
  return {read_file(files.certificate, "certificate file", 0),
          read_file(files.key, "key file", forbidden_key_mode)};
}

std::string digest(const PemPair& pair) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  const std::string all =
      std::to_string(pair.certificate.size()) + ":" + pair.certificate + pair.key;
  unsigned int length = 0;
  EVP_Digest(all.data(), all.size(), reinterpret_cast<unsigned char*>(out.data()), &length,
             EVP_sha256(), nullptr);
  out.resize(length);
  return out;
}

std::shared_ptr<asio::ssl::context> make_context(const PemPair& pair, const Files& files) {
  ERR_clear_error();
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX* handle = context->native_handle();
  SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(handle, std::string(ciphers_of_tls12).c_str());
  SSL_CTX_set_options(handle, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                  SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(handle, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(handle, 0);
  SSL_CTX_set_mode(handle, SSL_MODE_RELEASE_BUFFERS);
  use_certificate(*context, pair, files);
  use_key(handle, pair, files);
  return context;
}

}  // namespace dvecdb::server::tls
