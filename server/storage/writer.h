// The one connection that writes to a database, with its queue and group commit.
//
// Group commit: autocommit statements share a store transaction. Whoever has the turn begins it,
// runs his own statement and those of the others in line, each in its own savepoint, and commits
// for all with one write to the disk. While that commit is on its way the next statements queue
// up, and so make the next group. Only the end of a group wakes its members' threads.
//
// Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "server/storage/commit_gate.h"
#include "server/storage/connection.h"
#include "server/storage/writer_queue.h"

namespace dvecdb::server::storage {

class Writer {
 public:
  // Commits pass `gate`. `on_commit` is called by the committing thread, with the turn, after each.
  Writer(std::unique_ptr<Connection> connection, std::shared_ptr<CommitGate> gate,
         std::function<void()> on_commit);
  ~Writer();

  // Returns when the transaction with `work` in it is on disk. `work` may run on another thread
  // that calls this, while this one waits: all need the stack that any work may need.
  void run_grouped(const WriteRequest& request, const std::function<void(Connection&)>& work);

  // A whole transaction: begin() waits for the turn; commit() or rollback() gives it back.
  void begin(const WriteRequest& request);
  void commit();
  void rollback();

  // Runs `work` with the turn and outside any transaction.
  void run_between(const WriteRequest& request, const std::function<void()>& work);

  // How long the commit that runs now has been running; 0: none does. Never waits.
  std::chrono::milliseconds commit_time() const;

  // For the holder of the turn.
  Connection& connection() { return *connection_; }

 private:
  struct Member;
  void run_group(Member& leader);
  void run_next_members(std::vector<Member*>& group);
  void run_member(Member& member, bool is_first);
  void run_in_savepoint(const std::function<void(Connection&)>& work, bool is_first);
  void end_savepoint(bool undo);
  void commit_transaction();
  void abandon_transaction() noexcept;

  WriterQueue queue_;
  std::unique_ptr<Connection> connection_;
  std::shared_ptr<CommitGate> gate_;
  std::function<void()> on_commit_;
  std::atomic<std::chrono::steady_clock::time_point> commit_start_{};  // epoch: none runs
};

}  // namespace dvecdb::server::storage
