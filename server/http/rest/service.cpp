#include "server/http/rest/service.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "server/http/envelope.h"
#include "server/http/rest/deleted.h"
#include "server/http/rest/failure.h"
#include "server/http/rest/snapshots.h"
#include "server/types/utf8.h"

namespace dvecdb::server::http::rest {

namespace {

constexpr int most_tries = 5;
constexpr std::chrono::minutes maintenance_period{1};
constexpr int purge_every = 10;  // of those periods
constexpr std::int64_t max_timeout_ms = 86'400'000;

constexpr std::array<std::string_view, 3> known_query = {"database", "hard", "timeout_ms"};

// Sentences repeat what they are about, and JSON is UTF-8.
void check_text(const Request& request) {
  for (const TextMap* texts : {&request.parameters, &request.query}) {
    for (const auto& [name, value] : *texts) {
      types::check_utf8(name);
      types::check_utf8(value);
    }
  }
}

// A parameter that is not understood must not be taken for one that was obeyed.
void check_query(const Request& request) {
  for (const auto& [name, value] : request.query) {
    if (std::find(known_query.begin(), known_query.end(), name) != known_query.end()) continue;
    throw Failure(422, fmt::format("the query parameter \"{}\" is not known; known are {}",
                                   shortened(name), fmt::join(known_query, ", ")));
  }
}

std::string database_of(const Request& request, const std::string& otherwise) {
  const auto in_query = request.query.find("database");
  if (in_query != request.query.end()) return in_query->second;
  const auto in_header = request.headers.find("x-database");
  if (in_header == request.headers.end()) return otherwise;
  types::check_utf8(in_header->second);
  return in_header->second;
}

using Clock = std::chrono::steady_clock;

// Ends the session's statement when the client leaves.
class CancelOnLeave {
 public:
  CancelOnLeave(std::shared_ptr<Departure> departure, exec::Session& session)
      : departure_(std::move(departure)) {
    if (departure_) departure_->on_leave([&session] { session.cancel(); });
  }
  ~CancelOnLeave() {
    if (departure_) departure_->on_leave(nullptr);
  }
  CancelOnLeave(const CancelOnLeave&) = delete;
  CancelOnLeave& operator=(const CancelOnLeave&) = delete;

 private:
  std::shared_ptr<Departure> departure_;
};

// Called before each statement, of which a request may take many: SQL's own timeout is for one,
// and a cancel between two is forgotten.
void check_goes_on(const Request& request, std::int64_t timeout_ms, Clock::time_point started) {
  const bool is_late =
      timeout_ms > 0 && Clock::now() >= started + std::chrono::milliseconds(timeout_ms);
  if (is_late) {
    throw types::SqlError(types::sqlstate::query_canceled,
                          "canceling statement due to statement timeout");
  }
  if (request.departure && request.departure->has_left()) {
    throw types::SqlError(types::sqlstate::query_canceled, "the client has left");
  }
}

// Milliseconds; 0 for none.
std::int64_t timeout_of(const Request& request) {
  const auto given = request.query.find("timeout_ms");
  if (given == request.query.end()) return 0;
  const std::string& text = given->second;
  std::int64_t milliseconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
  if (error != std::errc() || end != text.data() + text.size() || milliseconds < 1 ||
      milliseconds > max_timeout_ms) {
    throw Failure(422, fmt::format("timeout_ms: \"{}\" is no whole number from 1 to {}",
                                   shortened(text), max_timeout_ms));
  }
  return milliseconds;
}

}  // namespace

Response answer(const json::value& data, int status) {
  Response response;
  response.status = status;
  response.body = R"({"success":true,"data":)" + json_text(data) + R"(,"error":null})";
  return response;
}

bool query_flag(const Request& request, std::string_view name) {
  const auto given = request.query.find(name);
  if (given == request.query.end() || given->second == "false") return false;
  if (given->second == "true") return true;
  throw Failure(
      422, fmt::format("{}: \"{}\" is neither true nor false", name, shortened(given->second)));
}

RestService::RestService(RestOptions options) : options_(std::move(options)) {}

RestService::~RestService() {
  stop();
}

void RestService::open(exec::Engine& engine) {
  remove_unfinished_snapshots(options_.data_dir);
  owned_pool_ = std::make_unique<SessionPool>(engine, options_.default_database);
  pool_ = owned_pool_.get();
  // Its statements are short: they need no large stack to be parsed.
  maintenance_ = std::thread([this] { maintain(); });
}

void RestService::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
  if (pool_ != nullptr) pool_.load()->close();
  if (maintenance_.joinable()) maintenance_.join();
}

void RestService::add_routes(const AddRoute& add) {
  for (const auto& routes : {collection_routes(), deleted_routes(), vector_routes(), read_routes(),
                             search_routes(), snapshot_routes(), field_index_routes()}) {
    for (const RestRoute& route : routes) {
      add(route.method, route.pattern, [this, handler = route.handler](const Request& request) {
        return run(handler, request);
      });
    }
  }
}

Response RestService::run(const CallHandler& handler, const Request& request) {
  for (int tries = 1;; ++tries) {
    try {
      return run_once(handler, request);
    } catch (const Failure& failed) {
      return failure(failed.status(), failed.sentence());
    } catch (const types::SqlError& error) {
      if (is_worth_retrying(error.sqlstate()) && tries < most_tries) continue;
      const Failure failed = failure_of(error.fields());
      return failure(failed.status(), failed.sentence());
    }
  }
}

Response RestService::run_once(const CallHandler& handler, const Request& request) {
  const Clock::time_point started = Clock::now();
  check_text(request);
  check_query(request);
  const std::string database = database_of(request, options_.default_database);
  const std::int64_t timeout_ms = timeout_of(request);
  SessionPool* pool = pool_;
  if (pool == nullptr) throw Failure(503, "the server is starting");
  const auto lease = pool->borrow(request.user, database, request.client_address);
  const CancelOnLeave cancel_on_leave(request.departure, lease->session());
  Sql sql(lease->session(), [&] { check_goes_on(request, timeout_ms, started); });
  if (timeout_ms > 0) {
    lease->do_not_keep();
    sql.run(fmt::format("SET statement_timeout = {}", timeout_ms));
  }
  Call call{request, sql, database, pool->engine(), options_};
  return handler(call);
}

void RestService::maintain() {
  for (int round = 0;; ++round) {
    if (round % purge_every == 0) purge();
    owned_pool_->drop_idle();
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, maintenance_period, [this] { return is_stopping_; })) return;
  }
}

void RestService::purge() {
  const auto with_database = [this](const std::string& database, const auto& work) {
    try {
      const auto lease = owned_pool_->borrow("postgres", database, "");
      Sql sql(lease->session());
      work(sql);
    } catch (const std::exception&) {
      // A dropped database, a full disk: the next round tries again.
    }
  };
  std::vector<Row> databases;
  with_database(options_.default_database, [&](Sql& sql) {
    databases =
        sql.rows("SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate");
  });
  for (const Row& database : databases) {
    with_database(*database[0],
                  [this](Sql& sql) { purge_deleted(sql, options_.deleted_retention_hours); });
  }
}

}  // namespace dvecdb::server::http::rest
