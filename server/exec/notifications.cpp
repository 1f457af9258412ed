#include "server/exec/notifications.h"

#include <utility>

namespace dvecdb::server::exec {

void NotificationHub::listen(std::int32_t pid, std::string_view channel,
                             const std::function<void()>& wake) {
  const std::lock_guard lock(mutex_);
  Listener& listener = listeners_[pid];
  listener.channels.emplace(channel);
  listener.wake = wake;
}

void NotificationHub::unlisten(std::int32_t pid, std::string_view channel) {
  const std::lock_guard lock(mutex_);
  const auto found = listeners_.find(pid);
  if (found == listeners_.end()) return;
  const auto listened = found->second.channels.find(channel);
  if (listened != found->second.channels.end()) found->second.channels.erase(listened);
}

void NotificationHub::unlisten_all(std::int32_t pid) {
  const std::lock_guard lock(mutex_);
  listeners_.erase(pid);
}

void NotificationHub::send(const std::vector<Notification>& notifications) {
  const std::lock_guard lock(mutex_);
  for (const Notification& notification : notifications) {
    for (auto& [pid, listener] : listeners_) {
      if (listener.channels.count(notification.channel) == 0) continue;
      listener.inbox.push_back(notification);
      if (listener.wake) listener.wake();
    }
  }
}

std::vector<Notification> NotificationHub::take(std::int32_t pid) {
  const std::lock_guard lock(mutex_);
  const auto found = listeners_.find(pid);
  if (found == listeners_.end()) return {};
  return std::exchange(found->second.inbox, {});
}

std::vector<std::string> NotificationHub::channels(std::int32_t pid) const {
  const std::lock_guard lock(mutex_);
  const auto found = listeners_.find(pid);
  if (found == listeners_.end()) return {};
  return {found->second.channels.begin(), found->second.channels.end()};
}

}  // namespace dvecdb::server::exec
