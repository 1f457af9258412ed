#include "server/http/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <string>

namespace dvecdb::server::http {

namespace {

// From a tenth of a millisecond to a minute.
const prometheus::Histogram::BucketBoundaries duration_buckets = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
    0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30,    60};

constexpr double milliseconds_per_second = 1000.0;

prometheus::Histogram& histogram(prometheus::Registry& registry, const char* name,
                                 const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add(
      {}, duration_buckets);
}

prometheus::Family<prometheus::Counter>& counter(prometheus::Registry& registry, const char* name,
                                                 const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

// Clients choose the method: a label is not theirs to make.
std::string known_method(std::string_view method) {
  constexpr std::string_view known[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
  const bool is_known = std::find(std::begin(known), std::end(known), method) != std::end(known);
  return is_known ? std::string(method) : "other";
}

}  // namespace

Metrics::Metrics()
    : statements_(counter(registry_, "dvecdb_statements_total",
                          "Statements by command and SQLSTATE (00000: success)")),
      statement_duration_(histogram(registry_, "dvecdb_statement_duration_seconds",
                                    "Time from the start of a statement to its end")),
      search_duration_(histogram(registry_, "dvecdb_search_duration_seconds",
                                 "Time of SELECTs that search through a vector index")),
      insert_duration_(histogram(registry_, "dvecdb_insert_duration_seconds",
                                 "Time of INSERTs, their commit included where it is theirs")),
      requests_(counter(registry_, "dvecdb_http_requests_total",
                        "HTTP requests by method, route and status")),
      request_duration_(histogram(registry_, "dvecdb_http_request_duration_seconds",
                                  "Time from an HTTP request's header to the end of its answer")) {}

void Metrics::observe(const exec::StatementEvent& event) {
  const bool is_success = event.error == nullptr;
  const std::string state = is_success ? "00000" : event.error->sqlstate;
  statements_.Add({{"command", std::string(event.tag)}, {"sqlstate", state}}).Increment();
  const double seconds = event.milliseconds / milliseconds_per_second;
  statement_duration_.Observe(seconds);
  if (is_success && event.is_search) search_duration_.Observe(seconds);
  if (is_success && event.tag == "INSERT") insert_duration_.Observe(seconds);
}

void Metrics::observe(const RequestEvent& event) {
  requests_
      .Add({{"method", known_method(event.method)},
            {"route", event.route.empty() ? "unmatched" : std::string(event.route)},
            {"status", std::to_string(event.status)}})
      .Increment();
  request_duration_.Observe(event.milliseconds / milliseconds_per_second);
}

Response Metrics::response(const MetricsInput& input) const {
  std::vector<prometheus::MetricFamily> families = metric_families(input);
  const std::vector<prometheus::MetricFamily> observed = registry_.Collect();
  families.insert(families.end(), observed.begin(), observed.end());
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = prometheus::TextSerializer().Serialize(families);
  return response;
}

}  // namespace dvecdb::server::http
