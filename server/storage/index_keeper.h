// Keeps one vector index alive in the background: loads its file or builds it anew, brings in
// committed changes, moves the delta into the graph, saves the file.
//
// Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "server/storage/database.h"
#include "server/storage/index_files.h"
#include "server/storage/vector_index.h"

namespace dvecdb::server::storage {

// What the keeper needs of the database.
struct KeeperSurroundings {
  std::function<ReaderLease()> reader;
  // Called after a file was saved: older changes may be pruned.
  std::function<void()> on_saved;
  std::string folder;  // of index files
};

class IndexKeeper {
 public:
  // An index that has a graph already is followed and saved; another is loaded or built.
  IndexKeeper(std::shared_ptr<VectorIndex> index, const KeeperSurroundings& surroundings);
  // Stops; saves the file when it is behind, unless told to forget it.
  ~IndexKeeper();

  const std::shared_ptr<VectorIndex>& index() const { return index_; }

  // There may be new changes in the log.
  void wake();
  // Waits until all changes up to `sequence` are in the graph. False when it cannot be.
  bool wait_until_drained(std::int64_t sequence);
  // Saves now and waits for it.
  void save();
  // The index was dropped: at the end the file goes, and nothing is saved.
  void forget();

  // An index that came with its graph has nothing to catch up with.
  bool has_caught_up_since_start() const {
    return came_built_ || index_->is_complete_to(catch_up_goal_);
  }
  std::int64_t saved_to() const { return saved_to_; }
  std::int64_t file_bytes() const;

 private:
  void run();
  void wait_for_work();
  void say_once(const std::string& error);
  bool prepare();
  bool load(Connection& connection, const IndexFile& file, std::string& reason);
  bool work_once();
  bool catch_up();
  void apply(Connection& connection, const std::vector<Change>& changes);
  const float* vector_of(class IndexedRows& rows, std::int64_t id,
                         std::vector<float>& buffer) const;
  bool is_save_due() const;
  void save_if_asked_or_due();
  void save_file();
  void check_file();
  void finish();

  const std::shared_ptr<VectorIndex> index_;
  const bool came_built_;
  const KeeperSurroundings surroundings_;
  std::optional<IndexFile> file_;
  std::atomic<std::int64_t> saved_to_ = 0;
  std::atomic<std::int64_t> saved_bytes_ = 0;
  // The log as of start; not known at first.
  std::atomic<std::int64_t> catch_up_goal_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t changes_since_save_ = 0;
  bool is_damaged_ = false;
  std::chrono::steady_clock::time_point last_save_;
  std::string last_error_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;      // for the thread
  std::condition_variable progress_;  // for those who wait for it
  bool is_woken_ = false;
  std::uint64_t saves_asked_ = 0;
  std::uint64_t saves_done_ = 0;
  bool is_forgotten_ = false;
  bool has_ended_ = false;
  std::atomic<bool> is_stopping_ = false;
  // Somebody waits for a save or the end: measuring recall may be done another time.
  std::atomic<bool> is_hurried_ = false;
  std::thread thread_;
};

}  // namespace dvecdb::server::storage
