#include "server/http/rest/session_pool.h"

#include <algorithm>

#include "server/types/error.h"

namespace dvecdb::server::http::rest {

namespace {

constexpr std::size_t most_idle = 16;
constexpr std::chrono::seconds idle_for{60};

}  // namespace

SessionPool::Lease::Lease(SessionPool& pool, std::string user, std::string database,
                          std::unique_ptr<exec::Session> session)
    : pool_(pool),
      user_(std::move(user)),
      database_(std::move(database)),
      session_(std::move(session)) {}

SessionPool::Lease::~Lease() {
  {
    const std::lock_guard lock(pool_.mutex_);
    pool_.lent_.erase(session_.get());
  }
  const bool is_clean = is_kept_ && session_->status() == exec::TransactionStatus::idle;
  if (is_clean && database_ == pool_.default_database_) {
    pool_.give_back(user_, std::move(session_));
  }
}

std::unique_ptr<SessionPool::Lease> SessionPool::borrow(const std::string& user,
                                                        const std::string& database,
                                                        const std::string& client_address) {
  std::unique_ptr<exec::Session> session;
  if (database == default_database_) session = take_idle(user);
  if (session == nullptr) {
    exec::SessionOptions options;
    options.user = user;
    options.database = database;
    options.client_address = client_address;
    options.settings = {{"application_name", "rest"}, {"TimeZone", "UTC"}};
    options.pid = ++last_pid_;
    session = engine_.connect(std::move(options));
  }
  const std::lock_guard lock(mutex_);
  if (is_closed_) {
    throw types::SqlError(types::sqlstate::cannot_connect_now, "the server is shutting down");
  }
  lent_.insert(session.get());
  return std::make_unique<Lease>(*this, user, database, std::move(session));
}

std::unique_ptr<exec::Session> SessionPool::take_idle(const std::string& user) {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::find_if(idle_.begin(), idle_.end(), [&](const Idle& idle) { return idle.user == user; });
  if (found == idle_.end()) return nullptr;
  std::unique_ptr<exec::Session> session = std::move(found->session);
  idle_.erase(found);
  return session;
}

void SessionPool::give_back(const std::string& user, std::unique_ptr<exec::Session> session) {
  std::list<Idle> dropped;  // ends outside the lock
  const std::lock_guard lock(mutex_);
  if (is_closed_) return;
  idle_.push_front({user, std::move(session), Clock::now()});
  if (idle_.size() > most_idle) dropped.splice(dropped.end(), idle_, std::prev(idle_.end()));
}

void SessionPool::drop_idle() {
  std::list<Idle> dropped;
  const Clock::time_point limit = Clock::now() - idle_for;
  const std::lock_guard lock(mutex_);
  while (!idle_.empty() && idle_.back().since < limit) {
    dropped.splice(dropped.end(), idle_, std::prev(idle_.end()));
  }
}

void SessionPool::close() {
  std::list<Idle> dropped;
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
  dropped.swap(idle_);
  for (exec::Session* session : lent_) session->terminate();
}

}  // namespace dvecdb::server::http::rest
