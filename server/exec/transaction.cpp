#include "server/exec/transaction.h"

#include <fmt/format.h>

#include <chrono>

#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

std::string store_savepoint(std::size_t index) {
  return fmt::format("sp{}", index);
}

SqlError no_savepoint(std::string_view name) {
  return SqlError(sqlstate::invalid_savepoint_specification,
                  fmt::format("savepoint \"{}\" does not exist", name));
}

std::atomic<std::int64_t> last_transaction_id{1000};

struct Detach {
  storage::Connection& connection;
  ~Detach() {
    connection.set_session(nullptr);
    connection.watch_cancel(nullptr);
  }
};

}  // namespace

std::int64_t clock_now() {
  constexpr std::int64_t seconds_to_2000 = 946684800;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count() -
         seconds_to_2000 * 1000000;
}

std::string_view isolation_name(Isolation isolation) {
  switch (isolation) {
    case Isolation::read_uncommitted:
      return "read uncommitted";
    case Isolation::read_committed:
      return "read committed";
    case Isolation::repeatable_read:
      return "repeatable read";
    case Isolation::serializable:
      break;
  }
  return "serializable";
}

Transaction::Transaction(OpenDatabase& database, SessionSettings& settings,
                         const std::atomic<bool>& cancelled)
    : database_(database), settings_(settings), cancelled_(cancelled) {}

Transaction::~Transaction() {
  if (is_open()) rollback();
}

void Transaction::start() {
  ++block_number_;
  start_time_ = statement_time_ != 0 ? statement_time_ : clock_now();
  id_ = 0;
  has_run_query_ = false;
  is_single_ = false;
  mode_ = default_mode();
}

TransactionMode Transaction::default_mode() const {
  TransactionMode mode;
  const std::string isolation = settings_.raw("default_transaction_isolation");
  if (isolation == "serializable") mode.isolation = Isolation::serializable;
  if (isolation == "repeatable read") mode.isolation = Isolation::repeatable_read;
  mode.is_read_only = settings_.flag("default_transaction_read_only");
  mode.is_deferrable = settings_.flag("default_transaction_deferrable");
  return mode;
}

void Transaction::begin_implicit(bool is_single) {
  start();
  is_single_ = is_single;
  state_ = TransactionState::implicit;
}

void Transaction::begin_block() {
  if (state_ == TransactionState::none) start();
  state_ = TransactionState::block;
}

std::int64_t Transaction::id() {
  if (id_ == 0) id_ = ++last_transaction_id;
  return id_;
}

void Transaction::run_before_commit() {
  // An action may add others.
  for (std::size_t i = 0; i < before_commit_.size(); ++i) before_commit_[i]();
  before_commit_.clear();
}

void Transaction::commit() {
  try {
    run_before_commit();
    if (writing_ != nullptr) {
      if (on_write_commit) on_write_commit();
      database_.sequences().flush(*writing_);
      writing_->set_session(nullptr);
      writer_lease_.commit();
    }
  } catch (...) {
    rollback();
    throw;
  }
  finish(true);
}

void Transaction::rollback() {
  if (writing_ != nullptr) {
    writing_->set_session(nullptr);
    writer_lease_.rollback();
  }
  finish(false);
}

void Transaction::finish(bool committed) {
  if (writing_ != nullptr) {
    if (committed) {
      database_.sequences().committed();
      if (catalog_is_own_) database_.publish(catalog_, write_number_);
    } else {
      database_.sequences().rolled_back();
    }
    database_.write_ended();
  }
  writing_ = nullptr;
  writer_lease_ = {};
  // Its transaction ends with the lease, if a failed read has not ended it already.
  snapshot_reader_ = {};
  run_end_actions(committed);
  if (committed) {
    settings_.commit();
  } else {
    settings_.rollback();
  }
  if (committed && shared_changed_ && on_shared_change) on_shared_change();
  before_commit_.clear();
  savepoints_.clear();
  catalog_.reset();
  catalog_is_own_ = false;
  shared_changed_ = false;
  state_ = TransactionState::none;
}

void Transaction::run_end_actions(bool committed) {
  const std::vector<std::function<void(bool)>> actions = std::exchange(end_actions_, {});
  for (const auto& action : actions) action(committed);
  if (committed && !notifications_.empty()) database_.notifications().send(notifications_);
  notifications_.clear();
}

void Transaction::end_late_rows() {
  if (state_ == TransactionState::none) run_end_actions(true);
}

void Transaction::fail() {
  if (state_ == TransactionState::none) return;
  if (state_ == TransactionState::implicit) {
    rollback();
    return;
  }
  if (savepoints_.empty()) {
    // Nothing can be saved any more: let others write while the client makes up its mind.
    rollback();
  }
  state_ = TransactionState::failed;
}

std::size_t Transaction::find_savepoint(std::string_view name) const {
  for (std::size_t i = savepoints_.size(); i > 0; --i) {
    if (savepoints_[i - 1].name == name) return i - 1;
  }
  throw no_savepoint(name);
}

void Transaction::savepoint(std::string_view name) {
  Savepoint point;
  point.name = name;
  point.in_store = writing_ != nullptr;
  point.settings_mark = settings_.mark();
  point.actions = end_actions_.size();
  point.checks = before_commit_.size();
  point.notifications = notifications_.size();
  point.catalog = catalog_is_own_ ? catalog_ : nullptr;
  if (point.in_store) {
    database_.sequences().flush(*writing_);
    writing_->execute("SAVEPOINT " + store_savepoint(savepoints_.size()));
  }
  savepoints_.push_back(std::move(point));
}

void Transaction::release(std::string_view name) {
  const std::size_t index = find_savepoint(name);
  if (savepoints_[index].in_store) writing_->execute("RELEASE " + store_savepoint(index));
  savepoints_.resize(index);
}

void Transaction::rollback_to(std::string_view name) {
  const std::size_t index = find_savepoint(name);
  Savepoint& point = savepoints_[index];
  if (point.in_store) {
    writing_->execute("ROLLBACK TO " + store_savepoint(index));
    database_.sequences().rolled_back();
  }
  for (std::size_t i = point.actions; i < end_actions_.size(); ++i) end_actions_[i](false);
  end_actions_.resize(point.actions);
  before_commit_.resize(point.checks);
  notifications_.resize(point.notifications);
  settings_.rollback_to(point.settings_mark);
  if (catalog_is_own_ && writing_ != nullptr) {
    catalog_is_own_ = point.catalog != nullptr;
    catalog_ = point.catalog ? point.catalog : database_.load_catalog(*writing_);
  }
  savepoints_.resize(index + 1);
  state_ = TransactionState::block;
}

void Transaction::attach(storage::Connection& connection) {
  connection.set_session(environment_);
  connection.watch_cancel(&cancelled_);
}

bool Transaction::keeps_snapshot() const {
  return is_open() && !is_single_ &&
         (mode_.isolation == Isolation::repeatable_read ||
          mode_.isolation == Isolation::serializable);
}

StatementConnection Transaction::reader() {
  has_run_query_ = true;
  if (writing_ != nullptr) return StatementConnection(writing_);
  if (!keeps_snapshot()) {
    storage::ReaderLease lease = database_.store().reader();
    attach(lease.connection());
    return StatementConnection(std::move(lease));
  }
  if (!snapshot_reader_) {
    snapshot_count_ = database_.write_count();
    snapshot_reader_ = database_.store().reader();
    attach(snapshot_reader_.connection());
    snapshot_reader_.connection().execute("BEGIN");
    refresh_catalog(snapshot_reader_.connection());
  }
  return StatementConnection(&snapshot_reader_.connection());
}

void Transaction::check_writable(std::string_view command) const {
  if (!mode_.is_read_only) return;
  throw SqlError(sqlstate::read_only_sql_transaction,
                 fmt::format("cannot execute {} in a read-only transaction", command));
}

storage::WriteRequest Transaction::write_request() const {
  storage::WriteRequest request;
  request.timeout = std::chrono::milliseconds(settings_.integer("lock_timeout"));
  request.cancelled = &cancelled_;
  return request;
}

storage::Connection& Transaction::writer(std::string_view command) {
  check_writable(command);
  has_run_query_ = true;
  if (writing_ != nullptr) return *writing_;
  writer_lease_ = database_.store().begin(write_request());
  const OpenDatabase::WriteCount now = database_.write_count();
  write_number_ = database_.write_began();
  writing_ = &writer_lease_.connection();
  if (snapshot_reader_) {
    const bool is_newest =
        snapshot_count_.begun == snapshot_count_.ended && snapshot_count_.begun == now.begun;
    snapshot_reader_ = {};
    if (!is_newest) {
      throw SqlError(sqlstate::serialization_failure,
                     "could not serialize access due to concurrent update");
    }
  }
  attach(*writing_);
  for (std::size_t i = 0; i < savepoints_.size(); ++i) {
    writing_->execute("SAVEPOINT " + store_savepoint(i));
    savepoints_[i].in_store = true;
  }
  refresh_catalog(*writing_);
  database_.publish(catalog_, write_number_);
  return *writing_;
}

void Transaction::run_grouped(std::string_view command, const std::function<void()>& work) {
  start();
  check_writable(command);
  state_ = TransactionState::implicit;
  try {
    database_.store().run_grouped(write_request(), [&](storage::Connection& connection) {
      write_number_ = database_.write_began();
      has_run_query_ = true;
      writing_ = &connection;
      attach(connection);
      // After this the connection is another session's.
      const Detach detach{connection};
      refresh_catalog(connection);
      database_.publish(catalog_, write_number_);
      work();
      run_before_commit();
      if (on_write_commit) on_write_commit();
      database_.sequences().flush(connection);
    });
  } catch (...) {
    finish(false);
    throw;
  }
  finish(true);
}

void Transaction::refresh_catalog(storage::Connection& connection) {
  catalog_ = database_.load_catalog(connection);
}

void Transaction::see_catalog() {
  const bool is_pinned = writing_ != nullptr || snapshot_reader_;
  if (!is_pinned) catalog_ = database_.snapshot();
}

const catalog::SnapshotPtr& Transaction::catalog() {
  if (!catalog_) see_catalog();
  return catalog_;
}

void Transaction::catalog_changed() {
  catalog_ = database_.load_catalog(*writing_);
  catalog_is_own_ = true;
}

void Transaction::at_end(std::function<void(bool committed)> action) {
  end_actions_.push_back(std::move(action));
}

}  // namespace dvecdb::server::exec
