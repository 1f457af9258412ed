// A certificate chain and its key from PEM files to OpenSSL's context. No state.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "server/tls/context.h"

namespace dvecdb::server::tls {

struct PemPair {
  std::string certificate, key;
};

// Throws TlsError: no such file, not a regular file, too large, or a key that others may read.
PemPair read_files(const Files& files);
// Identifies the content; keeps nothing of the key.
std::string digest(const PemPair& pair);
// Throws TlsError: not PEM, a key with a passphrase, a key of another certificate, weak ones.
std::shared_ptr<boost::asio::ssl::context> make_context(const PemPair& pair, const Files& files);

}  // namespace dvecdb::server::tls
