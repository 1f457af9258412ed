#include "server/storage/writer.h"

#include <exception>
#include <optional>
#include <utility>

#include "server/storage/store_counters.h"

namespace dvecdb::server::storage {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

using Clock = std::chrono::steady_clock;
// How long the statements of a group run at most before they are committed.
constexpr std::chrono::milliseconds group_age_limit{5};
constexpr std::size_t group_size_limit = 512;

// Errors reach several threads: each gets a copy of its own.
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

// A statement on its way through the queue.
struct Writer::Member : WriterQueue::Waiter {
  explicit Member(const std::function<void(Connection&)>& work_in)
      : Waiter(WriterQueue::Kind::joining), work(work_in) {}
  const std::function<void(Connection&)>& work;
  std::exception_ptr error;
};

Writer::Writer(std::unique_ptr<Connection> connection, std::shared_ptr<CommitGate> gate,
               std::function<void()> on_commit)
    : connection_(std::move(connection)),
      gate_(std::move(gate)),
      on_commit_(std::move(on_commit)) {}

Writer::~Writer() = default;

void Writer::run_grouped(const WriteRequest& request,
                         const std::function<void(Connection&)>& work) {
  Member self(work);
  if (queue_.acquire(self, request)) run_group(self);
  if (self.error) std::rethrow_exception(self.error);
}

void Writer::run_group(Member& leader) {
  std::vector<Member*> group;  // those whose work is in the transaction, without the leader
  std::exception_ptr failure;
  try {
    group.reserve(group_size_limit);  // nothing may fail between taking a member and its answer
    connection_->control("BEGIN");
    run_member(leader, true);
    if (connection_->in_transaction()) run_next_members(group);
    if (connection_->in_transaction()) commit_transaction();
  } catch (...) {
    failure = std::current_exception();
  }
  queue_.release();
  const auto answer = [&](Member& member) {
    if (failure && !member.error) member.error = std::make_exception_ptr(as_sql_error(failure));
  };
  answer(leader);
  for (Member* member : group) {
    answer(*member);
    WriterQueue::done(*member);
  }
}

// Throws when a member's failure takes the whole transaction with it.
void Writer::run_next_members(std::vector<Member*>& group) {
  const auto start = Clock::now();
  while (group.size() < group_size_limit && Clock::now() - start < group_age_limit) {
    auto* member = static_cast<Member*>(queue_.take_joining());  // nobody else joins
    if (member == nullptr) return;
    run_member(*member, false);
    if (!member->error) {
      group.push_back(member);
      continue;
    }
    // After done() the error is the member's thread's alone: only a copy stays here.
    std::optional<SqlError> loss;
    if (!connection_->in_transaction()) loss = as_sql_error(member->error);
    WriterQueue::done(*member);  // its work is undone: it has nothing to wait for
    if (loss) throw SqlError(*loss);
  }
}

void Writer::run_member(Member& member, bool is_first) {
  try {
    run_in_savepoint(member.work, is_first);
  } catch (...) {
    member.error = std::current_exception();
  }
}

void Writer::run_in_savepoint(const std::function<void(Connection&)>& work, bool is_first) {
  connection_->control("SAVEPOINT member");
  connection_->protect_writes(!is_first);
  std::exception_ptr error;
  try {
    work(*connection_);
  } catch (...) {
    error = std::current_exception();
  }
  connection_->set_session(nullptr);
  connection_->watch_cancel(nullptr);
  connection_->protect_writes(false);
  // The store may have given up the whole transaction (disk full, I/O, memory).
  if (connection_->in_transaction()) end_savepoint(error != nullptr);
  if (error) std::rethrow_exception(error);
}

void Writer::end_savepoint(bool undo) {
  try {
    if (undo) connection_->control("ROLLBACK TO member");
    connection_->control("RELEASE member");
  } catch (...) {
    abandon_transaction();  // what cannot be undone alone must not be committed with the others
    throw;
  }
}

void Writer::begin(const WriteRequest& request) {
  WriterQueue::Waiter self(WriterQueue::Kind::alone);
  queue_.acquire(self, request);
  try {
    connection_->control("BEGIN");
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
  WriterQueue::Waiter self(WriterQueue::Kind::alone);
  queue_.acquire(self, request);
  struct Release {
    WriterQueue& queue;
    ~Release() { queue.release(); }
  };
  const Release release{queue_};
  work();
}

void Writer::commit_transaction() {
  Clock::time_point start;
  try {
    const CommitGate::Pass pass(*gate_);
    start = Clock::now();
    commit_start_ = start;
    connection_->control("COMMIT");
  } catch (...) {
    commit_start_ = Clock::time_point();
    abandon_transaction();
    throw;
  }
  commit_start_ = Clock::time_point();
  store_counters().commits.add(Clock::now() - start);
  on_commit_();
}

std::chrono::milliseconds Writer::commit_time() const {
  const Clock::time_point start = commit_start_;
  if (start == Clock::time_point()) return {};
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
}

void Writer::abandon_transaction() noexcept {
  try {
    if (connection_->in_transaction()) connection_->control("ROLLBACK");
  } catch (...) {
    // A rollback that fails leaves nothing to undo: the log's frames were never committed.
  }
}

}  // namespace dvecdb::server::storage
