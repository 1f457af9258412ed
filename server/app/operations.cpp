#include "server/app/operations.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "server/app/serve.h"
#include "server/http/console/console.h"

namespace dvecdb::server::app {

namespace {

constexpr std::int64_t bytes_per_mb = 1 << 20;
constexpr std::size_t http_workers = 32;
constexpr std::chrono::seconds facts_period{1};

std::int64_t unix_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

http::rest::RestOptions rest_options(const Config& config) {
  http::rest::RestOptions options;
  options.data_dir = config.data_dir;
  options.deleted_retention_hours = config.deleted_retention_hours;
  return options;
}

http::ServerOptions metrics_options(const Config& config, std::shared_ptr<tls::TlsContext> tls) {
  http::ServerOptions options;
  options.address = config.listen;
  options.port = config.metrics_port;
  options.tls = std::move(tls);
  if (config.tls == "require") options.plain = http::PlainAnswers::none;
  return options;
}

std::chrono::milliseconds write_patience(const Config& config) {
  return std::chrono::milliseconds(config.health_write_degraded_ms);
}

http::HealthThresholds thresholds_of(const Config& config) {
  http::HealthThresholds thresholds;
  thresholds.memory_degraded = config.health_memory_degraded / 100.0;
  thresholds.memory_unhealthy = config.health_memory_unhealthy / 100.0;
  thresholds.disk_degraded_bytes = config.health_disk_degraded_mb * bytes_per_mb;
  thresholds.disk_unhealthy_bytes = config.health_disk_unhealthy_mb * bytes_per_mb;
  thresholds.index_lag_degraded = config.health_index_lag_degraded;
  thresholds.write_degraded = std::chrono::milliseconds(config.health_write_degraded_ms);
  thresholds.write_unhealthy = std::chrono::milliseconds(config.health_write_unhealthy_ms);
  return thresholds;
}

}  // namespace

http::ServerOptions Operations::http_options(std::shared_ptr<tls::TlsContext> tls,
                                             http::Authenticator authenticator) {
  http::ServerOptions options;
  options.address = config_.listen;
  options.port = config_.http_port;
  options.workers = http_workers;
  options.max_body_bytes = static_cast<std::uint64_t>(config_.max_body_mb * bytes_per_mb);
  options.requests_per_second = static_cast<double>(config_.rate_limit);
  options.cors_origins = split_list(config_.cors_origins);
  options.authenticator = std::move(authenticator);
  options.tls = std::move(tls);
  options.on_request = [this](const http::RequestEvent& event) { metrics_.observe(event); };
  // A kubelet may probe without TLS; what a probe tells is no secret.
  if (config_.tls == "require") options.plain = http::PlainAnswers::probes;
  return options;
}

Operations::Operations(const Config& config, std::shared_ptr<tls::TlsContext> tls,
                       http::Authenticator authenticator)
    : config_(config),
      facts_(facts_period),
      write_probe_(write_patience(config)),
      rest_(rest_options(config)),
      http_(http_options(tls, std::move(authenticator))),
      metrics_server_(metrics_options(config, tls)) {
  // Whether the process answers at all: asks nobody, so that nobody can keep it waiting.
  http_.probe("/health/live", [](const auto&) { return http::live_response(unix_time()); });
  http_.probe("/ready", [this](const auto&) { return http::ready_response(health()); });
  http_.probe("/health/check", [this](const auto&) { return http::check_response(health()); });
  http_.probe("/health", [this](const auto&) { return http::short_response(health()); });
  rest_.add_routes([this](const auto& method, const auto& pattern, auto handler) {
    http_.route(method, pattern, std::move(handler));
  });
  http::add_console([this](const auto& path, auto handler) { http_.probe(path, handler); });
  metrics_server_.probe("/metrics", [this](const auto&) { return metrics_.response(metrics()); });
  http_.start_probes();
  metrics_server_.start();
  spdlog::info("listening: protocol=http address={} port={}", config.listen, http_.port());
  spdlog::info("listening: protocol=metrics address={} port={}", config.listen,
               metrics_server_.port());
}

void Operations::open(exec::Engine& engine, std::function<http::ConnectionFacts()> connections) {
  facts_.start([&engine, asks = std::move(connections)] { return Facts{engine.facts(), asks()}; });
  write_probe_.watch(engine);
  rest_.open(engine);
  http_.start();
  engine_.watch([&engine] { return engine.status(); });  // last: what is ready answers
}

bool Operations::drain(std::chrono::milliseconds grace) {
  engine_.stop("shutting down");
  facts_.stop();
  write_probe_.stop();
  return http_.drain(grace);
}

http::MetricsInput Operations::metrics() const {
  http::MetricsInput input;
  input.health = health();
  if (const auto facts = facts_.latest()) {
    input.engine = facts->engine;
    input.postgres = facts->postgres;
  }
  input.process = http::measure_process();
  input.http = {http_.connections(), http_.connections_total()};
  input.max_connections = config_.max_connections;
  input.max_tables = static_cast<std::size_t>(config_.metric_tables);
  return input;
}

http::HealthInput Operations::health() const {
  http::HealthInput input;
  input.engine = engine_.latest();
  input.memory = http::measure_memory(config_.memory_limit_mb * bytes_per_mb);
  input.write = write_probe_.latest();
  input.thresholds = thresholds_of(config_);
  input.version = version();
  input.uptime_seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started_)
          .count();
  input.unix_time = unix_time();
  return input;
}

}  // namespace dvecdb::server::app
