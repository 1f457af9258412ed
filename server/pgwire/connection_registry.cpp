#include "server/pgwire/connection_registry.h"

namespace dvecdb::server::pgwire {

BackendKey ConnectionRegistry::add(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex_);
  BackendKey key;
  do {
    next_pid_ = next_pid_ == INT32_MAX ? 1000 : next_pid_ + 1;
    key.pid = next_pid_;
  } while (entries_.contains(key.pid));
  key.secret = static_cast<std::int32_t>(random_());
  entries_[key.pid] = {key.secret, connection};
  return key;
}

void ConnectionRegistry::remove(std::int32_t pid) {
  const std::lock_guard lock(mutex_);
  entries_.erase(pid);
}

std::shared_ptr<Connection> ConnectionRegistry::find(BackendKey key) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key.pid);
  if (found == entries_.end() || found->second.secret != key.secret) return nullptr;
  return found->second.connection.lock();
}

std::vector<std::shared_ptr<Connection>> ConnectionRegistry::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Connection>> connections;
  for (const auto& [pid, entry] : entries_) {
    if (auto connection = entry.connection.lock()) connections.push_back(std::move(connection));
  }
  return connections;
}

int ConnectionRegistry::size() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(entries_.size());
}

}  // namespace dvecdb::server::pgwire
