#include "server/app/serve.h"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "server/app/access.h"
#include "server/app/command.h"
#include "server/app/config.h"
#include "server/app/file_descriptors.h"
#include "server/app/log.h"
#include "server/app/operations.h"
#include "server/http/authenticate.h"
#include "server/pgwire/server.h"

namespace dvecdb::server::app {

namespace asio = boost::asio;

namespace {

// Statements run on workers; these only move bytes.
constexpr int network_threads = 2;
// A request that was told to end answers within this, or the process ends without it.
constexpr std::chrono::seconds terminate_timeout{5};

using Clock = std::chrono::steady_clock;

std::int64_t milliseconds_since(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

std::unique_ptr<exec::Engine> open_engine(const Config& config) {
  exec::EngineOptions options;
  options.data_dir = config.data_dir;
  options.max_connections = config.max_connections;
  options.port = config.port;
  options.listen_address = config.listen;
  return std::make_unique<exec::Engine>(std::move(options));
}

// Takes the signals that ask for an end, from now on: a second one while stopping changes nothing.
class Signals {
 public:
  // Until one of them comes; meanwhile SIGHUP looks at the certificate's files.
  void wait_for_stop(tls::TlsContext* tls) {
    stop_.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      spdlog::info("stopping: signal={}", signal == SIGINT ? "SIGINT" : "SIGTERM");
      hang_up_.cancel();
    });
    watch_hang_up(tls);
    io_.run();
  }

 private:
  void watch_hang_up(tls::TlsContext* tls) {
    hang_up_.async_wait([this, tls](const boost::system::error_code& error, int) {
      if (error) return;
      if (tls != nullptr) tls->reload();
      watch_hang_up(tls);
    });
  }

  asio::io_context io_{1};
  asio::signal_set stop_{io_, SIGINT, SIGTERM};
  asio::signal_set hang_up_{io_, SIGHUP};
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
  Signals signals;
  const Access access = open_access(config);
  const bool trust_loopback = config.auth == "trust-loopback";

  std::unique_ptr<exec::Engine> engine;  // outlives those who ask it
  Operations operations(config, access.tls, [&](const http::Request& request) {
    return http::authenticate(request, *engine, trust_loopback);
  });
  engine = open_engine(config);
  if (!access.superuser_password.empty()) {
    engine->set_role_password("postgres", access.superuser_password);
  }
  if (!access.api_key.empty()) engine->set_bootstrap_api_key(access.api_key);
  engine->on_statement([&](const exec::StatementEvent& event) {
    operations.observe(event);
    log_statement(event, config.slow_statement_ms);
  });

  asio::io_context network(network_threads);
  pgwire::ServerOptions options;
  options.address = config.listen;
  options.port = config.port;
  options.max_connections = config.max_connections;
  options.trust_loopback = trust_loopback;
  options.tls = access.tls;
  options.require_tls = config.tls == "require";
  pgwire::Server server(network, *engine, options);
  server.start();
  spdlog::info("listening: protocol=postgres address={} port={}", config.listen, server.port());
  operations.open(*engine, [&server] {
    return http::ConnectionFacts{server.connections(), server.connections_total()};
  });
  spdlog::info("started: version={} data_dir={} milliseconds={}", version(), config.data_dir,
               milliseconds_since(started));

  const auto guard = asio::make_work_guard(network);
  std::vector<std::thread> threads;
  for (int i = 0; i < network_threads; ++i) threads.emplace_back([&network] { network.run(); });

  signals.wait_for_stop(access.tls.get());

  const auto stopping = Clock::now();
  // Both protocols end side by side.
  std::future<bool> drained = std::async(std::launch::async, [&] {
    return operations.drain(std::chrono::milliseconds(config.shutdown_grace_ms));
  });
  engine->begin_shutdown();
  server.stop(config.shutdown_grace_ms);
  if (!drained.get()) {
    engine->terminate_sessions();
    operations.drain(terminate_timeout);
  }
  operations.end_requests();
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
