// Commits of all databases pass here, so that a backup can take one moment between them.
//
// Thread-safe. Commits do not wait for each other; while the gate is closed they wait, and it
// closes once those under way have passed.
#pragma once

#include <condition_variable>
#include <mutex>

namespace dvecdb::server::storage {

class CommitGate {
 public:
  // Held while a commit runs.
  class Pass {
   public:
    explicit Pass(CommitGate& gate);
    ~Pass();
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;

   private:
    CommitGate& gate_;
  };

  // Held while no commit may run. By one thread at a time: others wait.
  class Closed {
   public:
    explicit Closed(CommitGate& gate);
    ~Closed();
    Closed(const Closed&) = delete;
    Closed& operator=(const Closed&) = delete;

   private:
    CommitGate& gate_;
  };

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int passing_ = 0;
  bool is_closed_ = false;
};

}  // namespace dvecdb::server::storage
