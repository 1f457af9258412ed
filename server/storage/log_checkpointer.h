// Copies the write-ahead log into the row file in the background, so that no commit does it, and
// keeps the log from growing while readers come and go.
//
// Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "server/storage/connection.h"

namespace dvecdb::server::storage {

class Writer;

class LogCheckpointer {
 public:
  // `connection` is the checkpointer's own. Starts the thread.
  LogCheckpointer(std::unique_ptr<Connection> connection, Writer& writer);
  ~LogCheckpointer();

  // Told after a commit how many bytes the log holds; cheap.
  void on_log_size(std::int64_t bytes);
  // Copies now what readers allow.
  void run();

 private:
  void loop();
  bool copy(int mode);
  void copy_with_writer_paused();

  std::unique_ptr<Connection> connection_;
  std::mutex connection_mutex_;
  Writer& writer_;
  std::atomic<std::int64_t> log_bytes_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_due_ = false;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace dvecdb::server::storage
