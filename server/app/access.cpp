#include "server/app/access.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <fstream>

namespace dvecdb::server::app {

namespace {

// What a key holds that nobody guesses: 32 hex digits are 128 bits.
constexpr std::size_t min_api_key_length = 32;

// The first line.
std::string read_secret(const std::string& path, std::string_view key) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line.empty()) {
    throw ConfigError(fmt::format("{}: cannot read a first line from \"{}\"", key, path));
  }
  return line;
}

std::string superuser_password(const Config& config) {
  if (config.superuser_password_file.empty()) return config.superuser_password;
  return read_secret(config.superuser_password_file, "superuser_password_file");
}

std::string api_key(const Config& config) {
  if (config.api_key_file.empty()) return {};
  const std::string key = read_secret(config.api_key_file, "api_key_file");
  if (key.size() < min_api_key_length) {
    throw ConfigError(
        fmt::format("api_key_file: the key in \"{}\" has {} characters, it takes {} "
                    "or more (openssl rand -hex 32 makes one)",
                    config.api_key_file, key.size(), min_api_key_length));
  }
  if (!std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c <= '~'; })) {
    throw ConfigError(
        fmt::format("api_key_file: the key in \"{}\" has blanks or other characters "
                    "that do not fit into an HTTP header",
                    config.api_key_file));
  }
  return key;
}

std::shared_ptr<tls::TlsContext> open_tls(const Config& config) {
  if (config.tls == "off") return nullptr;
  const bool has_certificate = !config.tls_certificate_file.empty();
  const bool has_key = !config.tls_key_file.empty();
  if (has_certificate != has_key) {
    throw ConfigError(has_certificate ? "tls_key_file: set it, tls_certificate_file is set"
                                      : "tls_certificate_file: set it, tls_key_file is set");
  }
  if (!has_certificate) {
    if (config.tls != "require") return nullptr;
    throw ConfigError(
        "tls: \"require\" needs a certificate; set tls_certificate_file and tls_key_file");
  }
  try {
    return std::make_shared<tls::TlsContext>(
        tls::Files{config.tls_certificate_file, config.tls_key_file});
  } catch (const tls::TlsError& error) {
    throw ConfigError(std::string("tls: ") + error.what());
  }
}

bool is_open_to_others(const Config& config) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(config.listen, error);
  if (error) throw ConfigError("listen: \"" + config.listen + "\" is no IP address");
  return !address.is_loopback();
}

}  // namespace

Access open_access(const Config& config) {
  const bool is_open = is_open_to_others(config);
  Access access{superuser_password(config), api_key(config), open_tls(config)};
  if (!is_open) return access;
  if (access.superuser_password.empty()) {
    throw ConfigError("listen: \"" + config.listen +
                      "\" is reachable from elsewhere and user postgres has no password; set "
                      "superuser_password_file (or DVECDB_SUPERUSER_PASSWORD), or listen on "
                      "127.0.0.1");
  }
  if (access.tls == nullptr) {
    spdlog::warn(
        "listen: \"{}\" is reachable from elsewhere without TLS: data, API keys and HTTP passwords "
        "can be read on the way; set tls_certificate_file and tls_key_file",
        config.listen);
  }
  return access;
}

}  // namespace dvecdb::server::app
