// The open connections by process number, for cancel requests and shutdown. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <vector>

namespace dvecdb::server::pgwire {

class Connection;

struct BackendKey {
  std::int32_t pid = 0;
  std::int32_t secret = 0;
};

class ConnectionRegistry {
 public:
  BackendKey add(const std::shared_ptr<Connection>& connection);
  void remove(std::int32_t pid);
  // Null unless both match.
  std::shared_ptr<Connection> find(BackendKey key) const;
  std::vector<std::shared_ptr<Connection>> all() const;
  int size() const;

 private:
  struct Entry {
    std::int32_t secret = 0;
    std::weak_ptr<Connection> connection;
  };
  mutable std::mutex mutex_;
  std::map<std::int32_t, Entry> entries_;
  std::int32_t next_pid_ = 1000;
  std::random_device random_;
};

}  // namespace dvecdb::server::pgwire
