// Sessions that handlers borrow. Thread-safe; close() ends what is lent and lends no more.
//
// A session keeps its plans, so a borrowed one answers the same statement faster. Only those of
// the default database are kept: an idle session elsewhere would stand in the way of DROP
// DATABASE. One that comes back inside a transaction, or whose settings may have changed, is
// dropped.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "server/exec/engine.h"

namespace dvecdb::server::http::rest {

class SessionPool {
 public:
  SessionPool(exec::Engine& engine, std::string default_database)
      : engine_(engine), default_database_(std::move(default_database)) {}

  class Lease {
   public:
    Lease(SessionPool& pool, std::string user, std::string database,
          std::unique_ptr<exec::Session> session);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    exec::Session& session() { return *session_; }
    // Its settings are no longer what they were.
    void do_not_keep() { is_kept_ = false; }

   private:
    SessionPool& pool_;
    std::string user_;
    std::string database_;
    std::unique_ptr<exec::Session> session_;
    bool is_kept_ = true;
  };

  // Throws SqlError as Engine::connect() does.
  std::unique_ptr<Lease> borrow(const std::string& user, const std::string& database,
                                const std::string& client_address);
  exec::Engine& engine() const { return engine_; }
  // Ends sessions that nobody asked for in a while.
  void drop_idle();
  void close();

 private:
  using Clock = std::chrono::steady_clock;
  struct Idle {
    std::string user;
    std::unique_ptr<exec::Session> session;
    Clock::time_point since;
  };

  std::unique_ptr<exec::Session> take_idle(const std::string& user);
  void give_back(const std::string& user, std::unique_ptr<exec::Session> session);

  exec::Engine& engine_;
  const std::string default_database_;
  std::mutex mutex_;
  std::list<Idle> idle_;  // the latest first
  std::set<exec::Session*> lent_;
  bool is_closed_ = false;
  std::atomic<std::int32_t> last_pid_{1'500'000'000};  // far from those of the wire's sessions
};

}  // namespace dvecdb::server::http::rest
