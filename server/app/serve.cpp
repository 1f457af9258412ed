#include "server/app/serve.h"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "server/app/command.h"
#include "server/app/config.h"
#include "server/app/file_descriptors.h"
#include "server/app/log.h"
#include "server/http/console/console.h"
#include "server/http/health.h"
#include "server/http/metrics.h"
#include "server/http/rest/service.h"
#include "server/http/server.h"
#include "server/http/status_monitor.h"
#include "server/pgwire/server.h"

namespace dvecdb::server::app {

namespace asio = boost::asio;

namespace {

// Statements run on workers; these only move bytes.
constexpr int network_threads = 2;
constexpr std::int64_t bytes_per_mb = 1 << 20;

using Clock = std::chrono::steady_clock;

std::int64_t milliseconds_since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

std::int64_t unix_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

std::string superuser_password(const Config& config) {
  if (config.superuser_password_file.empty()) return config.superuser_password;
  std::ifstream file(config.superuser_password_file);
  std::string password;
  if (!std::getline(file, password) || password.empty()) {
    throw ConfigError("superuser_password_file: cannot read a password from \"" +
                      config.superuser_password_file + "\"");
  }
  return password;
}

void check_exposure(const Config& config) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(config.listen, error);
  if (error) throw ConfigError("listen: \"" + config.listen + "\" is no IP address");
  if (address.is_loopback()) return;
  if (config.superuser_password.empty() && config.superuser_password_file.empty()) {
    throw ConfigError("listen: \"" + config.listen +
                      "\" is reachable from elsewhere and user postgres has no password; set "
                      "superuser_password_file (or DVECDB_SUPERUSER_PASSWORD), or listen on "
                      "127.0.0.1");
  }
}

// Clients on loopback act as postgres where they need no password for that by SQL either.
http::AuthResult authenticate(const http::Request& request, const Config& config) {
  if (request.is_loopback && config.auth == "trust-loopback") return {200, "postgres", "", ""};
  return {401, "", "credentials are needed", ""};
}

http::ServerOptions http_options(const Config& config) {
  http::ServerOptions options;
  options.address = config.listen;
  options.port = config.http_port;
  options.authenticator = [&config](const http::Request& request) {
    return authenticate(request, config);
  };
  return options;
}

http::rest::RestOptions rest_options(const Config& config) {
  http::rest::RestOptions options;
  options.data_dir = config.data_dir;
  options.deleted_retention_hours = config.deleted_retention_hours;
  return options;
}

http::ServerOptions metrics_options(const Config& config) {
  http::ServerOptions options;
  options.address = config.listen;
  options.port = config.metrics_port;
  return options;
}

// The parts that answer while the engine is still opening.
class Operations {
 public:
  explicit Operations(const Config& config)
      : config_(config),
        metrics_(version()),
        rest_(rest_options(config)),
        http_(http_options(config)),
        metrics_server_(metrics_options(config)) {
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
    http_.start();
    metrics_server_.start();
    spdlog::info("listening: protocol=http address={} port={}", config.listen, http_.port());
    spdlog::info("listening: protocol=metrics address={} port={}", config.listen,
                 metrics_server_.port());
  }

  void watch(exec::Engine& engine) {
    engine_.watch([&engine] { return engine.status(); });
    rest_.open(engine);
  }
  void shut_down() { engine_.stop("shutting down"); }
  // Requests have until then to be answered.
  void end_requests(std::chrono::milliseconds grace) {
    http_.drain(grace);
    rest_.stop();
  }
  void observe(const exec::StatementEvent& event) { metrics_.observe(event); }

 private:
  http::HealthInput input() const {
    http::HealthInput input;
    input.engine = engine_.latest();
    input.memory = http::measure_memory(config_.memory_limit_mb * bytes_per_mb);
    input.version = version();
    input.uptime_seconds = milliseconds_since(started_) / 1000;
    input.unix_time = unix_time();
    return input;
  }

  const Config& config_;
  const Clock::time_point started_ = Clock::now();
  http::StatusMonitor engine_;
  http::Metrics metrics_;
  http::rest::RestService rest_;
  // Last: their threads use all above.
  http::Server http_;
  http::Server metrics_server_;
};

std::unique_ptr<exec::Engine> open_engine(const Config& config) {
  exec::EngineOptions options;
  options.data_dir = config.data_dir;
  options.max_connections = config.max_connections;
  options.port = config.port;
  options.listen_address = config.listen;
  return std::make_unique<exec::Engine>(std::move(options));
}

// Takes the signals that ask for an end, from now on: a second one while stopping changes nothing.
class StopSignals {
 public:
  void wait() {
    signals_.async_wait([](const boost::system::error_code& error, int signal) {
      if (!error) spdlog::info("stopping: signal={}", signal == SIGINT ? "SIGINT" : "SIGTERM");
    });
    io_.run();
  }

 private:
  asio::io_context io_{1};
  asio::signal_set signals_{io_, SIGINT, SIGTERM};
};

}  // namespace

std::string version() {
  return DVECDB_VERSION;
}

namespace {

int serve(const Config& config) {
  const auto started = Clock::now();
  std::signal(SIGPIPE, SIG_IGN);
  reserve_file_descriptors(config.max_connections);
  StopSignals stop_signals;
  check_exposure(config);
  const std::string password = superuser_password(config);

  std::unique_ptr<exec::Engine> engine;  // outlives those who ask it
  Operations operations(config);
  engine = open_engine(config);
  if (!password.empty()) engine->set_role_password("postgres", password);
  engine->on_statement([&](const exec::StatementEvent& event) {
    operations.observe(event);
    log_statement(event, config.slow_statement_ms);
  });
  operations.watch(*engine);

  asio::io_context network(network_threads);
  pgwire::ServerOptions options;
  options.address = config.listen;
  options.port = config.port;
  options.max_connections = config.max_connections;
  options.trust_loopback = config.auth == "trust-loopback";
  pgwire::Server server(network, *engine, options);
  server.start();
  spdlog::info("listening: protocol=postgres address={} port={}", config.listen, server.port());
  spdlog::info("started: version={} data_dir={} milliseconds={}", version(), config.data_dir,
               milliseconds_since(started));

  const auto guard = asio::make_work_guard(network);
  std::vector<std::thread> threads;
  for (int i = 0; i < network_threads; ++i) threads.emplace_back([&network] { network.run(); });

  stop_signals.wait();

  const auto stopping = Clock::now();
  operations.shut_down();
  engine->begin_shutdown();
  server.stop(config.shutdown_grace_ms);
  operations.end_requests(std::chrono::milliseconds(config.shutdown_grace_ms));
  engine->shutdown();
  network.stop();
  for (std::thread& thread : threads) thread.join();
  spdlog::info("stopped: milliseconds={}", milliseconds_since(stopping));
  return 0;
}

class ServeCommand : public Command {
 public:
  std::string_view name() const override { return "serve"; }
  std::string_view summary() const override { return "run the server"; }
  std::string_view description() const override {
    return "Runs until SIGINT or SIGTERM; exit code 0 after an orderly end.\n";
  }
  KeyList keys() override { return config_keys(config_); }
  int run() override {
    set_up_log(config_.log_level, config_.log_format);
    return serve(config_);
  }

 private:
  Config config_;
};

}  // namespace

std::unique_ptr<Command> make_serve_command() {
  return std::make_unique<ServeCommand>();
}

}  // namespace dvecdb::server::app
