#include "server/app/config.h"

namespace dvecdb::server::app {

namespace {

void set_log_level(Config& config, const std::string& value) {
  choose(config.log_level, value, {"debug", "info", "warn", "error"});
}
void set_log_format(Config& config, const std::string& value) {
  choose(config.log_format, value, {"text", "json"});
}

void set_auth(Config& config, const std::string& value) {
  choose(config.auth, value, {"trust-loopback", "scram"});
}

// As browsers send it: "https://app.example:8443", without a path.
bool is_origin(std::string_view text) {
  const std::size_t host = text.find("://");
  return text == "*" || (host != std::string_view::npos && host > 0 && text.size() > host + 3 &&
                         text.find_first_of("/ ?#*", host + 3) == std::string_view::npos);
}

void set_cors_origins(Config& config, const std::string& value) {
  for (const std::string& origin : split_list(value)) {
    if (is_origin(origin)) continue;
    throw std::invalid_argument("origins such as https://app.example, separated by commas, or *");
  }
  config.cors_origins = value;
}

void set_tls(Config& config, const std::string& value) {
  choose(config.tls, value, {"off", "allow", "require"});
}

constexpr std::int64_t max_mb = std::int64_t{1} << 40;
constexpr std::int64_t day_ms = std::int64_t{24} * 60 * 60 * 1000;

const KeyOf<Config> keys[] = {
    {"data_dir", "DIR", "folder that holds all data", set_text<&Config::data_dir>,
     get<&Config::data_dir>},
    {"listen", "ADDRESS", "address to listen on", set_text<&Config::listen>, get<&Config::listen>},
    {"port", "PORT", "Postgres wire protocol; 0 picks a free port",
     set_number<&Config::port, 0, 65535>, get<&Config::port>},
    {"http_port", "PORT", "health and REST over HTTP; 0 picks a free port",
     set_number<&Config::http_port, 0, 65535>, get<&Config::http_port>},
    {"metrics_port", "PORT", "Prometheus metrics over HTTP; 0 picks a free port",
     set_number<&Config::metrics_port, 0, 65535>, get<&Config::metrics_port>},
    {"log_level", "LEVEL", "debug, info, warn or error", set_log_level, get<&Config::log_level>},
    {"log_format", "FORMAT", "text, or json for one JSON object a line", set_log_format,
     get<&Config::log_format>},
    {"slow_statement_ms", "MS", "log statements that take this long or longer; -1 for none",
     set_number<&Config::slow_statement_ms, -1, day_ms>, get<&Config::slow_statement_ms>},
    {"max_connections", "N", "clients at once", set_number<&Config::max_connections, 1, 10000>,
     get<&Config::max_connections>},
    {"memory_limit_mb", "MB", "what health judges memory by; 0: the container's or machine's",
     set_number<&Config::memory_limit_mb, 0, std::int64_t{1} << 40>, get<&Config::memory_limit_mb>},
    {"shutdown_grace_ms", "MS", "how long running statements may go on at shutdown",
     set_number<&Config::shutdown_grace_ms, 0, day_ms>, get<&Config::shutdown_grace_ms>},
    {"deleted_retention_hours", "HOURS", "how long deleted collections can be restored",
     set_number<&Config::deleted_retention_hours, 0, 24 * 365 * 100>,
     get<&Config::deleted_retention_hours>},
    {"auth", "METHOD",
     "trust-loopback: clients on loopback need no password; scram: everybody does", set_auth,
     get<&Config::auth>},
    {"superuser_password", "PASSWORD",
     "password of user postgres, set at start (better: superuser_password_file)",
     set_text<&Config::superuser_password>, get<&Config::superuser_password>},
    {"superuser_password_file", "FILE", "file whose first line is that password",
     set_text<&Config::superuser_password_file>, get<&Config::superuser_password_file>},
    {"cors_origins", "ORIGINS",
     "web pages that may call over HTTP: \"https://a.example,https://b.example\", or *",
     set_cors_origins, get<&Config::cors_origins>},
    {"max_body_mb", "MB", "largest body of an HTTP request",
     set_number<&Config::max_body_mb, 1, 4096>, get<&Config::max_body_mb>},
    {"rate_limit", "N", "HTTP requests a second for each API key or address; 0 for no limit",
     set_number<&Config::rate_limit, 0, 1000000>, get<&Config::rate_limit>},
    {"metric_tables", "N", "tables that metrics name; dvecdb_tables_unlabeled counts the others",
     set_number<&Config::metric_tables, 0, 100000>, get<&Config::metric_tables>},
    {"health_memory_degraded", "PERCENT", "of the memory limit, from which health is degraded",
     set_number<&Config::health_memory_degraded, 1, 1000>, get<&Config::health_memory_degraded>},
    {"health_memory_unhealthy", "PERCENT", "of the memory limit, from which health is unhealthy",
     set_number<&Config::health_memory_unhealthy, 1, 1000>, get<&Config::health_memory_unhealthy>},
    {"health_disk_degraded_mb", "MB", "free disk space below which health is degraded",
     set_number<&Config::health_disk_degraded_mb, 0, max_mb>,
     get<&Config::health_disk_degraded_mb>},
    {"health_disk_unhealthy_mb", "MB", "free disk space below which health is unhealthy",
     set_number<&Config::health_disk_unhealthy_mb, 0, max_mb>,
     get<&Config::health_disk_unhealthy_mb>},
    {"health_index_lag_degraded", "ROWS",
     "rows that wait for their index's graph, from which health is degraded",
     set_number<&Config::health_index_lag_degraded, 1, std::int64_t{1} << 40>,
     get<&Config::health_index_lag_degraded>},
    {"health_write_degraded_ms", "MS", "time of a small write from which health is degraded",
     set_number<&Config::health_write_degraded_ms, 1, day_ms>,
     get<&Config::health_write_degraded_ms>},
    {"health_write_unhealthy_ms", "MS",
     "time of a commit that the disk does not end, from which health is unhealthy",
     set_number<&Config::health_write_unhealthy_ms, 1, day_ms>,
     get<&Config::health_write_unhealthy_ms>},
    {"api_key_file", "FILE", "file whose first line is an API key of user postgres",
     set_text<&Config::api_key_file>, get<&Config::api_key_file>},
    {"tls", "MODE",
     "off; allow: offered when there is a certificate; require: clients from elsewhere must use it",
     set_tls, get<&Config::tls>},
    {"tls_certificate_file", "FILE", "PEM: the server's certificate and those it was signed with",
     set_text<&Config::tls_certificate_file>, get<&Config::tls_certificate_file>},
    {"tls_key_file", "FILE", "PEM: the certificate's key, without a passphrase",
     set_text<&Config::tls_key_file>, get<&Config::tls_key_file>},
};

}  // namespace

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t end = text.find(',');
    std::string_view item = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
  }
  return items;
}

KeyList config_keys(Config& config) {
  return bind_keys(keys, config);
}

}  // namespace dvecdb::server::app
