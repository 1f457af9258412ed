#include "server/http/metrics.h"

#include <prometheus/text_serializer.h>

namespace dvecdb::server::http {

namespace {

// From a tenth of a millisecond to a minute.
const prometheus::Histogram::BucketBoundaries duration_buckets = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
    0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30,    60};

constexpr double milliseconds_per_second = 1000.0;

prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

Metrics::Metrics(const std::string& version)
    : statements_(prometheus::BuildCounter()
                      .Name("dvecdb_statements_total")
                      .Help("Statements by command and SQLSTATE (00000: success)")
                      .Register(registry_)),
      duration_(prometheus::BuildHistogram()
                    .Name("dvecdb_statement_duration_seconds")
                    .Help("Time from the start of a statement to its end")
                    .Register(registry_)
                    .Add({}, duration_buckets)),
      ready_(gauge(registry_, "dvecdb_ready", "1 when the server can serve")),
      uptime_(gauge(registry_, "dvecdb_uptime_seconds", "Seconds since the start")),
      sessions_(gauge(registry_, "dvecdb_sessions", "Open sessions")),
      collections_(gauge(registry_, "dvecdb_collections", "Tables with a vector column")),
      vectors_(gauge(registry_, "dvecdb_vectors", "Vectors in vector indexes")),
      index_memory_(gauge(registry_, "dvecdb_index_memory_bytes", "Memory of vector indexes")),
      resident_memory_(gauge(registry_, "dvecdb_resident_memory_bytes", "Resident memory")),
      disk_(gauge(registry_, "dvecdb_disk_bytes", "Bytes of the data folder's files")),
      disk_free_(gauge(registry_, "dvecdb_disk_free_bytes", "Free bytes on the data disk")) {
  prometheus::BuildGauge()
      .Name("dvecdb_build_info")
      .Help("1, with the version as a label")
      .Register(registry_)
      .Add({{"version", version}})
      .Set(1);
}

void Metrics::observe(const exec::StatementEvent& event) {
  const std::string state = event.error == nullptr ? "00000" : event.error->sqlstate;
  statements_.Add({{"command", std::string(event.tag)}, {"sqlstate", state}}).Increment();
  duration_.Observe(event.milliseconds / milliseconds_per_second);
}

Response Metrics::response(const HealthInput& input) {
  ready_.Set(input.engine.is_ready ? 1 : 0);
  uptime_.Set(static_cast<double>(input.uptime_seconds));
  sessions_.Set(static_cast<double>(input.engine.sessions));
  collections_.Set(static_cast<double>(input.engine.collections));
  vectors_.Set(static_cast<double>(input.engine.vectors));
  index_memory_.Set(static_cast<double>(input.engine.index_memory_bytes));
  resident_memory_.Set(static_cast<double>(input.memory.resident_bytes));
  disk_.Set(static_cast<double>(input.engine.disk_bytes));
  disk_free_.Set(static_cast<double>(input.engine.disk_free_bytes));
  return {.status = 200,
          .content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = prometheus::TextSerializer().Serialize(registry_.Collect())};
}

}  // namespace dvecdb::server::http
