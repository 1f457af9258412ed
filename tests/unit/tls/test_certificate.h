// Certificates for tests, made on the spot, and files that hold them.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "server/tls/context.h"

namespace dvecdb::server::tls {

struct PemTexts {
  std::string certificate, key;
};

inline std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(length));
  BIO_free(bio);
  return text;
}

// Signed by itself, valid for an hour. `algorithm`: "EC" or "ED25519".
inline PemTexts make_certificate(const std::string& name, const char* algorithm = "EC",
                                 const EVP_CIPHER* key_cipher = nullptr) {
  const bool is_ec = std::string(algorithm) == "EC";
  EVP_PKEY* key = is_ec ? EVP_EC_gen("P-256") : EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm);
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_sign(certificate, key, is_ec ? EVP_sha384() : nullptr);
  BIO* certificate_text = BIO_new(BIO_s_mem());
  BIO* key_text = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(certificate_text, certificate);
  const auto* passphrase = reinterpret_cast<const unsigned char*>("secret");
  PEM_write_bio_PrivateKey(key_text, key, key_cipher, key_cipher == nullptr ? nullptr : passphrase,
                           key_cipher == nullptr ? 0 : 6, nullptr, nullptr);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return {text_of(certificate_text), text_of(key_text)};
}

// A folder with a certificate and its key, removed with this object.
class CertificateFolder {
 public:
  explicit CertificateFolder(const PemTexts& texts) {
    std::string name = std::filesystem::temp_directory_path() / "dvecdb-tls-XXXXXX";
    path_ = ::mkdtemp(name.data());
    write(texts);
  }
  ~CertificateFolder() { std::filesystem::remove_all(path_); }
  Files files() const { return {path_ / "tls.crt", path_ / "tls.key"}; }
  const std::filesystem::path& path() const { return path_; }

  void write(const PemTexts& texts) const {
    std::ofstream(files().certificate) << texts.certificate;
    std::ofstream(files().key) << texts.key;
    set_key_mode(0600);
  }
  void set_key_mode(mode_t mode) const { ::chmod(files().key.c_str(), mode); }

 private:
  std::filesystem::path path_;
};

}  // namespace dvecdb::server::tls
