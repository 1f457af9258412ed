#include "server/storage/writer.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace dvecdb::server::storage {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

using Clock = std::chrono::steady_clock;
// How long the first statement of a group waits for others at most.
constexpr std::chrono::milliseconds group_age_limit{5};
constexpr int group_size_limit = 512;

SqlError as_sql_error(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const SqlError& sql_error) {
    return sql_error;
  } catch (const std::exception& other) {
    return {sqlstate::internal_error, other.what()};
  }
}

}  // namespace

// What the members of one shared transaction wait for.
class Writer::Group {
 public:
  bool is_full() const {
    return members_ >= group_size_limit || Clock::now() - start_ >= group_age_limit;
  }
  int members() const { return members_; }
  void add_member() { ++members_; }

  void finish(std::optional<SqlError> error) {
    const std::lock_guard lock(mutex_);
    error_ = std::move(error);
    is_finished_ = true;
    finished_.notify_all();
  }

  // Throws when the transaction did not commit.
  void wait() {
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [this] { return is_finished_; });
    if (error_) throw SqlError(*error_);
  }

 private:
  const Clock::time_point start_ = Clock::now();
  int members_ = 0;  // touched with the turn only
  std::mutex mutex_;
  std::condition_variable finished_;
  bool is_finished_ = false;
  std::optional<SqlError> error_;
};

Writer::Writer(std::unique_ptr<Connection> connection, std::function<void()> on_commit)
    : connection_(std::move(connection)), on_commit_(std::move(on_commit)) {}

Writer::~Writer() = default;

void Writer::run_grouped(const WriteRequest& request,
                         const std::function<void(Connection&)>& work) {
  queue_.acquire(WriterQueue::Kind::joining, request);
  if (!group_) {
    try {
      connection_->execute("BEGIN");
    } catch (...) {
      queue_.release();
      throw;
    }
    group_ = std::make_shared<Group>();
  }
  const std::shared_ptr<Group> group = group_;
  std::exception_ptr error;
  try {
    run_member(*group, work);
  } catch (...) {
    error = std::current_exception();
  }
  if (error && !connection_->in_transaction()) {
    // The store gave up the whole transaction (disk full, I/O, memory).
    group_.reset();
    group->finish(as_sql_error(error));
    queue_.release();
  } else {
    leave_group(group);
  }
  if (error) std::rethrow_exception(error);
  group->wait();
}

void Writer::run_member(Group& group, const std::function<void(Connection&)>& work) {
  connection_->execute("SAVEPOINT member");
  connection_->protect_writes(group.members() > 0);
  group.add_member();
  std::exception_ptr error;
  try {
    work(*connection_);
  } catch (...) {
    error = std::current_exception();
  }
  connection_->set_session(nullptr);
  connection_->watch_cancel(nullptr);
  connection_->protect_writes(false);
  if (error && !connection_->in_transaction()) std::rethrow_exception(error);
  if (error) connection_->execute("ROLLBACK TO member");
  connection_->execute("RELEASE member");
  if (error) std::rethrow_exception(error);
}

void Writer::leave_group(const std::shared_ptr<Group>& group) {
  if (!group->is_full() && queue_.pass_to_joining()) return;
  finish_group();
}

void Writer::finish_group() {
  const std::shared_ptr<Group> group = std::exchange(group_, nullptr);
  std::optional<SqlError> error;
  try {
    commit_transaction();
  } catch (...) {
    error = as_sql_error(std::current_exception());
  }
  queue_.release();
  group->finish(std::move(error));
}

void Writer::begin(const WriteRequest& request) {
  queue_.acquire(WriterQueue::Kind::alone, request);
  try {
    connection_->execute("BEGIN");
  } catch (...) {
    queue_.release();
    throw;
  }
}

void Writer::commit() {
  connection_->set_session(nullptr);
  connection_->watch_cancel(nullptr);
  connection_->protect_writes(false);
  try {
    if (!connection_->in_transaction()) {
      throw SqlError(sqlstate::in_failed_sql_transaction,
                     "the transaction was rolled back by the store");
    }
    commit_transaction();
  } catch (...) {
    queue_.release();
    throw;
  }
  queue_.release();
}

void Writer::rollback() {
  connection_->set_session(nullptr);
  connection_->watch_cancel(nullptr);
  connection_->protect_writes(false);
  abandon_transaction();
  queue_.release();
}

void Writer::run_between(const WriteRequest& request, const std::function<void()>& work) {
  queue_.acquire(WriterQueue::Kind::alone, request);
  struct Release {
    WriterQueue& queue;
    ~Release() { queue.release(); }
  };
  const Release release{queue_};
  work();
}

void Writer::commit_transaction() {
  try {
    connection_->execute("COMMIT");
  } catch (...) {
    abandon_transaction();
    throw;
  }
  on_commit_();
}

void Writer::abandon_transaction() noexcept {
  try {
    if (connection_->in_transaction()) connection_->execute("ROLLBACK");
  } catch (...) {
    // A rollback that fails leaves nothing to undo: the log's frames were never committed.
  }
}

}  // namespace dvecdb::server::storage
