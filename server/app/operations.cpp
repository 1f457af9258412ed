#include "server/app/operations.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "server/app/serve.h"
#include "server/http/console/console.h"

namespace dvecdb::server::app {

namespace {

constexpr std::int64_t bytes_per_mb = 1 << 20;
constexpr std::size_t http_workers = 32;

std::int64_t unix_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

http::ServerOptions http_options(const Config& config, std::shared_ptr<tls::TlsContext> tls,
                                 http::Authenticator authenticator) {
  http::ServerOptions options;
  options.address = config.listen;
  options.port = config.http_port;
  options.workers = http_workers;
  options.max_body_bytes = static_cast<std::uint64_t>(config.max_body_mb * bytes_per_mb);
  options.requests_per_second = static_cast<double>(config.rate_limit);
  options.cors_origins = split_list(config.cors_origins);
  options.authenticator = std::move(authenticator);
  options.tls = std::move(tls);
  // A kubelet may probe without TLS; what a probe tells is no secret.
  if (config.tls == "require") options.plain = http::PlainAnswers::probes;
  return options;
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

}  // namespace

Operations::Operations(const Config& config, std::shared_ptr<tls::TlsContext> tls,
                       http::Authenticator authenticator)
    : config_(config),
      metrics_(version()),
      rest_(rest_options(config)),
      http_(http_options(config, tls, std::move(authenticator))),
      metrics_server_(metrics_options(config, tls)) {
  // Whether the process answers at all: asks nobody, so that nobody can keep it waiting.
  http_.probe("/health/live", [](const auto&) { return http::live_response(unix_time()); });
  http_.probe("/ready", [this](const auto&) { return http::ready_response(input()); });
  http_.probe("/health/check", [this](const auto&) { return http::check_response(input()); });
  http_.probe("/health", [this](const auto&) { return http::short_response(input()); });
  rest_.add_routes([this](const auto& method, const auto& pattern, auto handler) {
    http_.route(method, pattern, std::move(handler));
  });
  http::add_console([this](const auto& path, auto handler) { http_.probe(path, handler); });
  metrics_server_.probe("/metrics", [this](const auto&) { return metrics_.response(input()); });
  http_.start_probes();
  metrics_server_.start();
  spdlog::info("listening: protocol=http address={} port={}", config.listen, http_.port());
  spdlog::info("listening: protocol=metrics address={} port={}", config.listen,
               metrics_server_.port());
}

void Operations::open(exec::Engine& engine) {
  engine_.watch([&engine] { return engine.status(); });
  rest_.open(engine);
  http_.start();
}

bool Operations::drain(std::chrono::milliseconds grace) {
  engine_.stop("shutting down");
  return http_.drain(grace);
}

http::HealthInput Operations::input() const {
  http::HealthInput input;
  input.engine = engine_.latest();
  input.memory = http::measure_memory(config_.memory_limit_mb * bytes_per_mb);
  input.version = version();
  input.uptime_seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started_)
          .count();
  input.unix_time = unix_time();
  return input;
}

}  // namespace dvecdb::server::app
