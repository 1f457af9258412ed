#include "server/tls/context.h"

#include <openssl/ssl.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "server/tls/key_pair.h"

namespace dvecdb::server::tls {

namespace asio = boost::asio;

namespace {

int protocol_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int select_protocol(SSL* connection, const unsigned char** chosen, unsigned char* chosen_length,
                    const unsigned char* offered, unsigned int length, void*) {
  const auto* wanted = static_cast<const char*>(SSL_get_ex_data(connection, protocol_index()));
  if (wanted == nullptr) return SSL_TLSEXT_ERR_NOACK;
  std::string_view rest(reinterpret_cast<const char*>(offered), length);
  while (!rest.empty()) {
    const auto bytes = static_cast<unsigned char>(rest.front());
    const std::string_view name = rest.substr(1, bytes);
    if (name == wanted) {
      *chosen = reinterpret_cast<const unsigned char*>(name.data());
      *chosen_length = static_cast<unsigned char>(name.size());
      return SSL_TLSEXT_ERR_OK;
    }
    rest.remove_prefix(std::min<std::size_t>(rest.size(), 1U + bytes));
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

std::shared_ptr<asio::ssl::context> load(const PemPair& pair, const Files& files) {
  auto context = make_context(pair, files);
  SSL_CTX_set_alpn_select_cb(context->native_handle(), select_protocol, nullptr);
  return context;
}

}  // namespace

TlsContext::TlsContext(Files files, std::chrono::milliseconds interval)
    : files_(std::move(files)), interval_(interval) {
  const PemPair pair = read_files(files_);
  current_ = load(pair, files_);
  seen_ = digest(pair);
  thread_ = std::thread([this] { watch(); });
}

TlsContext::~TlsContext() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  stopping_.notify_all();
  thread_.join();
}

std::shared_ptr<asio::ssl::context> TlsContext::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

void TlsContext::watch() {
  std::unique_lock lock(mutex_);
  while (!stopping_.wait_for(lock, interval_, [this] { return is_stopping_; })) {
    lock.unlock();
    reload();
    lock.lock();
  }
}

void TlsContext::reload() {
  const std::lock_guard reload_lock(reload_mutex_);
  std::string seen;
  try {
    const PemPair pair = read_files(files_);
    seen = digest(pair);
    if (seen == seen_) return;
    auto fresh = load(pair, files_);
    {
      const std::lock_guard lock(mutex_);
      current_ = std::move(fresh);
    }
    spdlog::info("tls: certificate and key were read again: certificate={} key={}",
                 files_.certificate, files_.key);
  } catch (const std::exception& error) {
    if (seen.empty()) seen = error.what();
    // Every look would say the same again.
    if (seen == seen_) return;
    spdlog::error("tls: the new certificate or key is not used, the last good pair stays: {}",
                  error.what());
  }
  seen_ = std::move(seen);
}

void set_protocol(SSL* connection, const char* protocol) {
  SSL_set_ex_data(connection, protocol_index(), const_cast<char*>(protocol));
}

}  // namespace dvecdb::server::tls
