// pg_advisory_lock and its like: numbers that sessions lock among themselves. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "server/types/value.h"

namespace dvecdb::server::exec {

class AdvisoryLocks {
 public:
  struct Key {
    types::Oid database = types::invalid_oid;
    std::int64_t number = 0;
    auto operator<=>(const Key&) const = default;
  };

  // The same session may take a lock more than once. With `waits`, until it is free or `cancelled`
  // (then false); without, false at once when another holds it.
  bool take(const Key& key, std::int32_t pid, bool shared, bool waits,
            const std::atomic<bool>& cancelled);
  // False: the session does not hold it so.
  bool release(const Key& key, std::int32_t pid, bool shared);
  void release_all(std::int32_t pid);

 private:
  struct Holder {
    std::int32_t pid;
    bool shared;
  };
  bool is_free(const Key& key, std::int32_t pid, bool shared) const;

  std::mutex mutex_;
  std::condition_variable freed_;
  std::map<Key, std::vector<Holder>> holders_;
};

}  // namespace dvecdb::server::exec
