#include "server/storage/log_checkpointer.h"

#include <sqlite3.h>

#include <chrono>

#include "server/storage/writer.h"

namespace dvecdb::server::storage {

namespace {

// A log of this size is copied. Larger makes copying rarer, and reading and recovery slower.
constexpr std::int64_t due_bytes = 16 << 20;
// Readers that follow each other without a gap keep the log from starting anew. Past this size the
// writer is held up for a moment until it can.
constexpr std::int64_t pause_writer_bytes = 128 << 20;
constexpr int reader_wait_milliseconds = 100;
constexpr std::chrono::milliseconds rest_between_copies{200};

}  // namespace

LogCheckpointer::LogCheckpointer(std::unique_ptr<Connection> connection, Writer& writer)
    : connection_(std::move(connection)), writer_(writer), thread_([this] { loop(); }) {
  sqlite3_busy_timeout(connection_->handle(), reader_wait_milliseconds);
}

LogCheckpointer::~LogCheckpointer() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void LogCheckpointer::on_log_size(std::int64_t bytes) {
  log_bytes_ = bytes;
  if (bytes < due_bytes) return;
  const std::lock_guard lock(mutex_);
  if (is_due_) return;
  is_due_ = true;
  wake_.notify_one();
}

void LogCheckpointer::loop() {
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    wake_.wait(lock, [this] { return is_due_ || is_stopping_; });
    if (is_stopping_) return;
    lock.unlock();
    const bool is_complete = copy(SQLITE_CHECKPOINT_PASSIVE);
    if (log_bytes_ > pause_writer_bytes) copy_with_writer_paused();
    lock.lock();
    is_due_ = false;
    // Without a rest, a reader that stays would make every commit try again in vain.
    if (!is_complete) wake_.wait_for(lock, rest_between_copies, [this] { return is_stopping_; });
  }
}

void LogCheckpointer::run() {
  copy(SQLITE_CHECKPOINT_PASSIVE);
}

// True when the whole log is in the row file.
bool LogCheckpointer::copy(int mode) {
  const std::lock_guard lock(connection_mutex_);
  int frames = 0;
  int copied = 0;
  const int code = sqlite3_wal_checkpoint_v2(connection_->handle(), "main", mode, &frames, &copied);
  return code == SQLITE_OK && frames == copied;
}

void LogCheckpointer::copy_with_writer_paused() {
  try {
    // The wait for the turn is short: at shutdown nobody keeps it.
    writer_.run_between({.timeout = std::chrono::seconds(1)},
                        [this] { copy(SQLITE_CHECKPOINT_RESTART); });
  } catch (const types::SqlError&) {
    // A long transaction holds the turn; the next commit asks again.
  }
}

}  // namespace dvecdb::server::storage
