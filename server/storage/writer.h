// The one connection that writes to a database, with its queue and group commit.
//
// Group commit: statements of several sessions run one after the other in one store transaction,
// each on its own session's thread and in its own savepoint. Whoever finds nobody waiting to join
// (or the transaction old or large enough) commits for all. While that commit is on its way to
// the disk the next statements queue up, and so make the next group.
//
// Thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "server/storage/connection.h"
#include "server/storage/writer_queue.h"

namespace dvecdb::server::storage {

class Writer {
 public:
  // `on_commit` is called by the committing thread, with the turn, after each commit.
  Writer(std::unique_ptr<Connection> connection, std::function<void()> on_commit);
  ~Writer();

  void run_grouped(const WriteRequest& request, const std::function<void(Connection&)>& work);

  // A whole transaction: begin() waits for the turn; commit() or rollback() gives it back.
  void begin(const WriteRequest& request);
  void commit();
  void rollback();

  // Runs `work` with the turn and outside any transaction.
  void run_between(const WriteRequest& request, const std::function<void()>& work);

  // For the holder of the turn.
  Connection& connection() { return *connection_; }

 private:
  class Group;
  void run_member(Group& group, const std::function<void(Connection&)>& work);
  void leave_group(const std::shared_ptr<Group>& group);
  void finish_group();
  void commit_transaction();
  void abandon_transaction() noexcept;

  WriterQueue queue_;
  std::unique_ptr<Connection> connection_;
  std::function<void()> on_commit_;
  std::shared_ptr<Group> group_;  // the open one; touched with the turn only
};

}  // namespace dvecdb::server::storage
