// Configuration: command-line flags before environment before the TOML file before defaults.
//
// One key has one name everywhere: `data_dir` in the file, --data-dir as a flag, DVECDB_DATA_DIR in
// the environment. Keys, defaults and meanings are listed once, in config.cpp; --help prints that
// list.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

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
  std::string auth = "trust-loopback";
  std::string superuser_password;
  std::string superuser_password_file;
  std::string tls = "allow";
  std::string tls_certificate_file;
  std::string tls_key_file;
};

// Says which key, where it came from, the value and what it takes.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct CommandLine {
  Config config;
  bool wants_help = false;
  bool wants_version = false;
};

// `environment`: looks a variable up, nullopt when unset. Reads the TOML file that --config or
// DVECDB_CONFIG names. Throws ConfigError.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
CommandLine read_config(const std::vector<std::string>& arguments, const Environment& environment,
                        const std::vector<std::string>& environment_names);

std::string help_text();

}  // namespace dvecdb::server::app
