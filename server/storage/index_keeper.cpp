#include "server/storage/index_keeper.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "server/storage/indexed_rows.h"
#include "server/storage/vector_distance.h"
#include "server/storage/vector_index_build.h"

namespace dvecdb::server::storage {

using types::SqlError;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t changes_at_once = 4096;
constexpr std::size_t delta_memory_limit = std::size_t{512} << 20;
// A delta of this size is worth all cores; a smaller one leaves them to the searches.
constexpr std::size_t far_behind = 512;
// After a commit others follow: a moment's rest lets the keeper take them together.
constexpr std::chrono::milliseconds rest{2};
constexpr std::chrono::seconds idle_wait{1};
constexpr std::chrono::minutes longest_between_saves{5};
constexpr std::int64_t fewest_changes_between_saves = 20000;

class ReadTransaction {
 public:
  explicit ReadTransaction(Connection& connection) : connection_(connection) {
    connection_.execute("BEGIN");
  }
  ~ReadTransaction() {
    try {
      connection_.execute("ROLLBACK");
    } catch (const SqlError& error) {
      spdlog::warn("could not end a read transaction: {}", error.what());
    }
  }
  ReadTransaction(const ReadTransaction&) = delete;
  ReadTransaction& operator=(const ReadTransaction&) = delete;

 private:
  Connection& connection_;
};

}  // namespace

IndexKeeper::IndexKeeper(std::shared_ptr<VectorIndex> index, const KeeperSurroundings& surroundings)
    : index_(std::move(index)),
      came_built_(index_->has_graph()),
      surroundings_(surroundings),
      thread_([this] { run(); }) {}

IndexKeeper::~IndexKeeper() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    is_hurried_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void IndexKeeper::wake() {
  const std::lock_guard lock(mutex_);
  is_woken_ = true;
  wake_.notify_one();
}

bool IndexKeeper::wait_until_drained(std::int64_t sequence) {
  wake();
  std::unique_lock lock(mutex_);
  const auto is_drained = [&] {
    return index_->is_complete_to(sequence) && index_->delta_size() == 0;
  };
  progress_.wait(lock, [&] { return has_ended_ || is_drained(); });
  return is_drained();
}

void IndexKeeper::save() {
  std::unique_lock lock(mutex_);
  const std::uint64_t mine = ++saves_asked_;
  is_hurried_ = true;
  wake_.notify_one();
  progress_.wait(lock, [&] { return has_ended_ || saves_done_ >= mine; });
}

void IndexKeeper::forget() {
  const std::lock_guard lock(mutex_);
  is_forgotten_ = true;
}

std::int64_t IndexKeeper::file_bytes() const {
  return saved_bytes_;
}

// --- The thread ---

void IndexKeeper::run() {
  bool has_work = true;
  // A finished build is saved even when the end comes at once.
  while (!is_stopping_ || (!file_ && index_->has_graph() && last_error_.empty())) {
    if (!has_work) wait_for_work();
    try {
      has_work = (file_ || prepare()) && work_once();
      last_error_.clear();
    } catch (const std::exception& error) {
      has_work = false;
      say_once(error.what());
    }
    progress_.notify_all();
  }
  finish();
}

// The keeper tries again every second; the log need not.
void IndexKeeper::say_once(const std::string& error) {
  if (error == last_error_) return;
  if (!is_stopping_) spdlog::error("vector index {}: {}", index_->definition().index, error);
  last_error_ = error;
}

void IndexKeeper::wait_for_work() {
  std::unique_lock lock(mutex_);
  const auto is_needed = [this] { return is_woken_ || is_stopping_ || saves_asked_ > saves_done_; };
  wake_.wait_for(lock, idle_wait, is_needed);
  const bool is_commit = is_woken_ && !is_stopping_;
  if (is_commit) wake_.wait_for(lock, rest, [this] { return is_stopping_.load(); });
  is_woken_ = false;
}

// True when the graph is there.
bool IndexKeeper::prepare() {
  const ReaderLease reader = surroundings_.reader();
  Connection& connection = reader.connection();
  const bool is_built = index_->has_graph();
  if (!is_built) connection.watch_cancel(&is_stopping_);
  const ReadTransaction transaction(connection);
  const Oid oid = index_->definition().index;
  IndexFile file(surroundings_.folder, index_->definition(),
                 change_log::identity_of(connection, oid));
  catch_up_goal_ = change_log::last_sequence(connection);
  const auto start = Clock::now();
  std::string reason;
  if (!is_built && !load(connection, file, reason)) {
    spdlog::warn("vector index {}: {}; building it from its rows", oid, reason);
    index_->install(build_graph(connection, index_->definition(), index_->build_progress()));
    changes_since_save_ = 1;
  }
  if (is_built) changes_since_save_ = 1;
  file_.emplace(std::move(file));
  last_save_ = Clock::now();
  spdlog::info("vector index {}: ready with {} vectors after {} ms", oid, index_->stats().vectors,
               std::chrono::duration_cast<std::chrono::milliseconds>(last_save_ - start).count());
  const bool is_loaded = changes_since_save_ == 0;
  if (!is_loaded) {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    index_->calibrate_if_due(cores, is_hurried_);
    save_file();
  }
  index_->warm();
  if (is_loaded) check_file();
  return true;
}

// Searches did not wait for this.
void IndexKeeper::check_file() {
  const std::string damage = file_->find_damage();
  if (damage.empty()) return;
  spdlog::error(
      "vector index {}: {}; the file was removed, nothing is saved any more, and the next "
      "start builds the index from its rows",
      index_->definition().index, damage);
  is_damaged_ = true;
  file_->remove();
}

bool IndexKeeper::load(Connection& connection, const IndexFile& file, std::string& reason) {
  std::optional<BuiltGraph> state = file.load(reason);
  if (!state) return false;
  const bool is_of_this_log = state->complete_to <= change_log::last_sequence(connection) &&
                              state->complete_to >= change_log::pruned_up_to(connection);
  if (!is_of_this_log) {
    reason = "the index file does not fit the change log";
    return false;
  }
  saved_to_ = state->complete_to;
  saved_bytes_ = file.bytes();
  index_->install(std::move(*state));
  return true;
}

// True when there is more to do at once.
bool IndexKeeper::work_once() {
  const auto has_room = [this] { return index_->delta_memory_bytes() < delta_memory_limit; };
  const bool has_more_changes = has_room() ? catch_up() : true;
  // Reading comes first: what is in the delta is scanned much faster than what is only logged.
  bool has_more_obsolete = false;
  if (!has_more_changes || !has_room()) {
    const bool is_far_behind = index_->delta_size() >= far_behind;
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    index_->drain(is_far_behind ? cores : 1, [&] {
      if (has_room()) catch_up();
    });
    index_->renew_graph(cores);
    has_more_obsolete = index_->remove_obsolete();
  }
  save_if_asked_or_due();
  if (index_->delta_size() == 0) index_->calibrate_if_due(1, is_hurried_);
  return has_more_changes || has_more_obsolete || index_->delta_size() > 0;
}

// True when more changes wait.
bool IndexKeeper::catch_up() {
  const ReaderLease reader = surroundings_.reader();
  Connection& connection = reader.connection();
  connection.watch_cancel(&is_stopping_);
  const ReadTransaction transaction(connection);
  const std::int64_t last = change_log::last_sequence(connection);
  const std::int64_t known = index_->touched_to();
  if (last > known) {
    index_->announce(change_log::read(connection, index_->definition().table_oid, known), last);
  }
  const std::vector<Change> changes = index_->pending(changes_at_once);
  apply(connection, changes);
  const bool are_all = changes.size() < changes_at_once;
  index_->set_complete_to(are_all ? last : changes.back().sequence);
  return !are_all;
}

void IndexKeeper::apply(Connection& connection, const std::vector<Change>& changes) {
  const VectorIndexDefinition& definition = index_->definition();
  IndexedRows rows(connection, definition);
  std::vector<float> buffer;
  std::size_t remaining = changes.size();
  for (const Change& change : changes) {
    index_->apply(change, vector_of(rows, change.id, buffer), remaining--);
    ++changes_since_save_;
  }
}

// nullptr: the row has no vector for this index.
const float* IndexKeeper::vector_of(IndexedRows& rows, std::int64_t id,
                                    std::vector<float>& buffer) const {
  const VectorIndexDefinition& definition = index_->definition();
  try {
    const std::optional<Value> value = rows.find(id);
    if (!value || value->is_null()) return nullptr;
    const std::string_view bytes = value->as_bytes();
    if (stored_dimensions(definition.element, bytes) != definition.dimensions) return nullptr;
    const float* vector = as_floats(definition.element, bytes, buffer);
    return is_finite(vector, static_cast<std::size_t>(definition.dimensions)) ? vector : nullptr;
  } catch (const SqlError& error) {
    // The expression fails for this row: a search that comes to it says so.
    if (error.sqlstate() == types::sqlstate::query_canceled) throw;
    return nullptr;
  }
}

bool IndexKeeper::is_save_due() const {
  if (changes_since_save_ == 0) return false;
  if (Clock::now() - last_save_ > longest_between_saves) return true;
  const std::int64_t many = std::max(fewest_changes_between_saves, index_->stats().vectors / 20);
  return changes_since_save_ >= many && index_->delta_size() == 0;
}

void IndexKeeper::save_if_asked_or_due() {
  std::uint64_t asked = 0;
  {
    const std::lock_guard lock(mutex_);
    asked = saves_asked_;
  }
  if (asked == saves_done_ && !is_save_due()) return;
  if (changes_since_save_ > 0) save_file();
  const std::lock_guard lock(mutex_);
  saves_done_ = asked;
  is_hurried_ = is_stopping_ || saves_asked_ > asked;
  progress_.notify_all();
}

void IndexKeeper::save_file() {
  if (is_damaged_) return;
  const BuiltGraph state = index_->snapshot_for_file();
  file_->save(state);
  saved_to_ = state.complete_to;
  saved_bytes_ = file_->bytes();
  changes_since_save_ = 0;
  last_save_ = Clock::now();
  if (!is_stopping_) surroundings_.on_saved();
}

void IndexKeeper::finish() {
  bool is_forgotten = false;
  {
    const std::lock_guard lock(mutex_);
    is_forgotten = is_forgotten_;
  }
  try {
    if (file_ && is_forgotten) file_->remove();
    if (file_ && !is_forgotten && changes_since_save_ > 0) save_file();
  } catch (const std::exception& error) {
    spdlog::error("vector index {}: could not save: {}", index_->definition().index, error.what());
  }
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  progress_.notify_all();
}

}  // namespace dvecdb::server::storage
