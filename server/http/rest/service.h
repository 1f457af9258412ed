// The REST API: its routes, the sessions that they run on, and the purge of deleted collections.
//
//   RestService rest(options);
//   rest.add_routes(...);   // before the server starts
//   rest.open(engine);      // until then every request gets 503
//   ...
//   rest.stop();            // before the engine shuts down
//
// Thread-safe: handlers run on many threads, each with query::parse_stack_bytes of stack.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "server/exec/engine.h"
#include "server/http/rest/call.h"
#include "server/http/rest/session_pool.h"

namespace dvecdb::server::http::rest {

class RestService {
 public:
  explicit RestService(RestOptions options);
  ~RestService();  // stop()

  void open(exec::Engine& engine);

  // Each route with what answers it, for requests whose user is known.
  using AddRoute = std::function<void(const std::string& method, const std::string& pattern,
                                      std::function<Response(const Request&)> handler)>;
  void add_routes(const AddRoute& add);
  // Ends the statements of requests under way; later requests are refused (503).
  void stop();

 private:
  Response run(const CallHandler& handler, const Request& request);
  Response run_once(const CallHandler& handler, const Request& request);
  void maintain();
  void purge();

  const RestOptions options_;
  std::unique_ptr<SessionPool> owned_pool_;
  std::atomic<SessionPool*> pool_ = nullptr;  // null until open()
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_stopping_ = false;
  std::thread maintenance_;
};

}  // namespace dvecdb::server::http::rest
