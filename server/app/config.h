// The server's configuration. Keys, defaults and meanings are listed once, in config.cpp; --help
// prints that list.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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
  std::string cors_origins;
  std::int64_t max_body_mb = 64;
  std::int64_t rate_limit = 0;
  int metric_tables = 100;
  int health_memory_degraded = 85;
  int health_memory_unhealthy = 95;
  std::int64_t health_disk_degraded_mb = 1024;
  std::int64_t health_disk_unhealthy_mb = 64;
  std::int64_t health_index_lag_degraded = 100000;
  std::int64_t health_write_degraded_ms = 1000;
  std::int64_t health_write_unhealthy_ms = 10000;
  std::string api_key_file;
  std::string tls = "allow";
  std::string tls_certificate_file;
  std::string tls_key_file;
};

// The items of a list with commas, without spaces around them.
std::vector<std::string> split_list(std::string_view text);

// `config` must outlive the list.
KeyList config_keys(Config& config);

}  // namespace dvecdb::server::app
