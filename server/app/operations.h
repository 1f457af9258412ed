// What answers over HTTP: probes from the first moment on, while the engine is still opening, the
// rest once it is there. Used by one thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "server/app/config.h"
#include "server/exec/engine.h"
#include "server/http/health.h"
#include "server/http/metrics.h"
#include "server/http/poller.h"
#include "server/http/rest/service.h"
#include "server/http/server.h"
#include "server/http/status_monitor.h"
#include "server/http/write_probe.h"
#include "server/tls/context.h"

namespace dvecdb::server::app {

class Operations {
 public:
  // Binds both ports and answers probes and metrics. `config` must outlive it. Throws
  // boost::system::system_error when a port cannot be bound.
  Operations(const Config& config, std::shared_ptr<tls::TlsContext> tls,
             http::Authenticator authenticator);

  // From now on requests are answered. `connections`: those by SQL. Both are used until drain()
  // has returned, the engine until end_requests().
  void open(exec::Engine& engine, std::function<http::ConnectionFacts()> connections);
  void observe(const exec::StatementEvent& event) { metrics_.observe(event); }

  // Not ready from now on; refuses requests but probes and waits for those that run. False when
  // some still do after `grace`.
  bool drain(std::chrono::milliseconds grace);
  // No request uses the engine any more.
  void end_requests() { rest_.stop(); }

 private:
  struct Facts {
    exec::EngineFacts engine;
    http::ConnectionFacts postgres;
  };
  http::ServerOptions http_options(std::shared_ptr<tls::TlsContext> tls,
                                   http::Authenticator authenticator);
  http::HealthInput health() const;
  http::MetricsInput metrics() const;

  const Config& config_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  http::StatusMonitor engine_;
  http::Poller<Facts> facts_;
  http::WriteProbe write_probe_;
  http::Metrics metrics_;
  http::rest::RestService rest_;
  // Last: their threads use all above.
  http::Server http_;
  http::Server metrics_server_;
};

}  // namespace dvecdb::server::app
