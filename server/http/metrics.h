// Prometheus metrics of the server. The observe functions may be called from any thread.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "server/exec/engine.h"
#include "server/http/message.h"
#include "server/http/metric_families.h"
#include "server/http/server.h"

namespace dvecdb::server::http {

class Metrics {
 public:
  Metrics();
  void observe(const exec::StatementEvent& event);
  void observe(const RequestEvent& event);
  // The text exposition format: what was observed, and what `input` says.
  Response response(const MetricsInput& input) const;

 private:
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& statements_;
  prometheus::Histogram& statement_duration_;
  prometheus::Histogram& search_duration_;
  prometheus::Histogram& insert_duration_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Histogram& request_duration_;
};

}  // namespace dvecdb::server::http
