// The server's certificate and key as OpenSSL's context, read again when the files change.
//
// TLS 1.2 and 1.3, forward secrecy and authenticated encryption only, no renegotiation, no
// resumption. A pair of files that cannot be used leaves the last good one in use and is logged
// once.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

namespace dvecdb::server::tls {

struct Files {
  std::string certificate;  // PEM: the server's certificate first, then those that lead to its root
  std::string key;          // PEM, without a passphrase
};

// A sentence that names the file and what is wrong with it.
class TlsError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline constexpr std::size_t max_file_bytes = 1 << 20;
inline constexpr std::chrono::milliseconds poll_interval = std::chrono::seconds(2);

// Thread-safe.
class TlsContext {
 public:
  // Reads the files, then looks at them again every `interval`: at their content, so that it does
  // not matter how they are replaced (a rename, a swapped symbolic link of a Kubernetes volume).
  // Throws TlsError when the pair cannot be used.
  explicit TlsContext(Files files, std::chrono::milliseconds interval = poll_interval);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  // For new connections; those that are open keep the one they began with.
  std::shared_ptr<boost::asio::ssl::context> current() const;
  // Looks at the files now (SIGHUP).
  void reload();

 private:
  void watch();

  const Files files_;
  const std::chrono::milliseconds interval_;
  mutable std::mutex mutex_;  // guards current_, is_stopping_
  std::shared_ptr<boost::asio::ssl::context> current_;
  bool is_stopping_ = false;
  std::condition_variable stopping_;
  std::mutex reload_mutex_;  // guards seen_
  std::string seen_;         // digest of what was read last, or why it could not be
  std::thread thread_;
};

// What a connection speaks, for ALPN: a client that names protocols without this one is refused.
// A connection for which this was not called ignores what the client names. `protocol` must live
// as long as the connection ("postgresql", "http/1.1").
void set_protocol(SSL* connection, const char* protocol);

}  // namespace dvecdb::server::tls
