// The server's configuration. Keys, defaults and meanings are listed once, in config.cpp; --help
// prints that list.
#pragma once

#include <cstdint>
#include <string>

#include "server/app/options.h"

namespace dvecdb::server::app {

struct Config {
  std::string data_dir = "./data";
  std::string listen = "127.0.0.1";
  std::uint16_t port = 5433;
  std::uint16_t http_port = 8080;
  std::uint16_t metrics_port = 9091;
  std::string log_level = "info";
  std::string log_format = "text";
  std::int64_t slow_statement_ms = 1000;
  int max_connections = 200;
  std::int64_t memory_limit_mb = 0;
  std::int64_t shutdown_grace_ms = 10000;
  int deleted_retention_hours = 7 * 24;
  std::string auth = "trust-loopback";
  std::string superuser_password;
  std::string superuser_password_file;
  std::string tls = "allow";
  std::string tls_certificate_file;
  std::string tls_key_file;
};

// `config` must outlive the list.
KeyList config_keys(Config& config);

}  // namespace dvecdb::server::app
