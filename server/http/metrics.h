// Prometheus metrics of the server. observe() may be called from any thread.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <functional>
#include <memory>
#include <string>

#include "server/http/health.h"

namespace dvecdb::server::http {

class Metrics {
 public:
  explicit Metrics(const std::string& version);
  void observe(const exec::StatementEvent& event);
  // The text exposition format, with the gauges set from `input`.
  Response response(const HealthInput& input);

 private:
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& statements_;
  prometheus::Histogram& duration_;
  prometheus::Gauge& ready_;
  prometheus::Gauge& uptime_;
  prometheus::Gauge& sessions_;
  prometheus::Gauge& collections_;
  prometheus::Gauge& vectors_;
  prometheus::Gauge& index_memory_;
  prometheus::Gauge& resident_memory_;
  prometheus::Gauge& disk_;
  prometheus::Gauge& disk_free_;
};

}  // namespace dvecdb::server::http
