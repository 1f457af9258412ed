// LISTEN and NOTIFY within one server process. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dvecdb::server::exec {

struct Notification {
  std::int32_t pid = 0;
  std::string channel;
  std::string payload;
};

// One per database.
class NotificationHub {
 public:
  // `wake`, which may be empty, is called on the sender's thread with the hub locked whenever
  // something arrives: it must only leave word for the listener.
  void listen(std::int32_t pid, std::string_view channel, const std::function<void()>& wake);
  void unlisten(std::int32_t pid, std::string_view channel);
  void unlisten_all(std::int32_t pid);
  void send(const std::vector<Notification>& notifications);
  // What has arrived for a listener since the last call.
  std::vector<Notification> take(std::int32_t pid);
  std::vector<std::string> channels(std::int32_t pid) const;

 private:
  struct Listener {
    std::set<std::string, std::less<>> channels;
    std::vector<Notification> inbox;
    std::function<void()> wake;
  };
  mutable std::mutex mutex_;
  std::map<std::int32_t, Listener> listeners_;
};

}  // namespace dvecdb::server::exec
