#include "server/storage/database_indexes.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <utility>

#include "server/storage/change_log.h"
#include "server/storage/dimension_check.h"
#include "server/storage/file_system.h"
#include "server/storage/vector_distance.h"
#include "server/storage/vector_index_build.h"

namespace dvecdb::server::storage {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

// Pruning takes the writer's turn: little at a time.
constexpr std::int64_t changes_pruned_at_once = 20000;
constexpr std::chrono::seconds prune_wait{1};

using IndexList = std::vector<std::shared_ptr<VectorIndex>>;

// Keeps an index in the list of those that are being built.
class Building {
 public:
  Building(std::mutex& mutex, IndexList& list, std::shared_ptr<VectorIndex> index)
      : mutex_(mutex), list_(list), index_(std::move(index)) {
    const std::lock_guard lock(mutex_);
    list_.push_back(index_);
  }
  ~Building() {
    const std::lock_guard lock(mutex_);
    std::erase(list_, index_);
  }
  Building(const Building&) = delete;
  Building& operator=(const Building&) = delete;

 private:
  std::mutex& mutex_;
  IndexList& list_;
  const std::shared_ptr<VectorIndex> index_;
};

VectorIndexFacts facts_of(const VectorIndex& index, std::size_t ef_search) {
  VectorIndexFacts facts;
  facts.stats = index.stats();
  facts.table = index.definition().table_oid;
  facts.is_partial = !index.definition().predicate.empty();
  facts.recall = index.recall_of(ef_search);
  facts.build_seconds = index.build_progress().seconds;
  facts.build_share = index.build_progress().share;
  return facts;
}

}  // namespace

DatabaseIndexes::DatabaseIndexes(Database& database)
    : database_(database),
      surroundings_{.reader = [&database] { return database.reader(); },
                    .on_saved = [this] { prune(); },
                    .folder = database.folder() + "/index"} {
  make_folder(surroundings_.folder);
  remove_orphaned_files();
}

// A crash between the commit of a DROP INDEX and the removal of its file leaves the file.
void DatabaseIndexes::remove_orphaned_files() {
  const ReaderLease reader = database_.reader();
  for (const auto& file : std::filesystem::directory_iterator(surroundings_.folder)) {
    const std::string name = file.path().stem().string();
    const Oid index = static_cast<Oid>(std::strtoul(name.c_str(), nullptr, 10));
    if (change_log::identity_of(reader.connection(), index).empty()) {
      remove_tree(file.path().string());
    }
  }
}

DatabaseIndexes::~DatabaseIndexes() {
  std::unordered_map<Oid, Entry> entries;
  {
    const std::lock_guard lock(mutex_);
    entries.swap(entries_);
  }
  entries.clear();
}

void DatabaseIndexes::build(Connection& writer, const VectorIndexDefinition& definition) {
  auto index = std::make_shared<VectorIndex>(definition);
  if (has_graph(definition.element)) {
    change_log::add_index(writer, definition.index, definition.table_oid, definition.table);
    dimension_check::add(writer, definition);
    const Building building(mutex_, building_, index);
    index->install(build_graph(writer, definition, index->build_progress()));
  }
  const std::lock_guard lock(mutex_);
  unpublished_[definition.index] = std::move(index);
}

DatabaseIndexes::Entry DatabaseIndexes::make_entry(std::shared_ptr<VectorIndex> index) {
  Entry entry{.index = std::move(index), .keeper = nullptr};
  if (has_graph(entry.index->definition().element)) {
    entry.keeper = std::make_shared<IndexKeeper>(entry.index, surroundings_);
  }
  return entry;
}

void DatabaseIndexes::open(const VectorIndexDefinition& definition) {
  Entry entry = make_entry(std::make_shared<VectorIndex>(definition));
  const std::lock_guard lock(mutex_);
  entries_.insert_or_assign(definition.index, std::move(entry));
}

void DatabaseIndexes::publish(Oid index) {
  std::shared_ptr<VectorIndex> built;
  Entry replaced;
  {
    const std::lock_guard lock(mutex_);
    const auto found = unpublished_.find(index);
    if (found == unpublished_.end()) return;
    built = std::move(found->second);
    unpublished_.erase(found);
    if (const auto old = entries_.find(index); old != entries_.end()) {
      replaced = std::move(old->second);
    }
  }
  // The old keeper must have let go of the file before the new one writes it.
  if (replaced.keeper) replaced.keeper->forget();
  replaced = {};
  Entry entry = make_entry(std::move(built));
  const std::lock_guard lock(mutex_);
  entries_.insert_or_assign(index, std::move(entry));
}

void DatabaseIndexes::discard(Oid index) {
  const std::lock_guard lock(mutex_);
  unpublished_.erase(index);
}

void DatabaseIndexes::drop(Connection& writer, const VectorIndexDefinition& definition) {
  if (!has_graph(definition.element)) return;
  change_log::remove_index(writer, definition.index, definition.table_oid);
  dimension_check::remove(writer, definition.index);
}

void DatabaseIndexes::forget(Oid index) {
  Entry entry;
  {
    const std::lock_guard lock(mutex_);
    unpublished_.erase(index);
    const auto found = entries_.find(index);
    if (found == entries_.end()) return;
    entry = std::move(found->second);
    entries_.erase(found);
  }
  if (entry.keeper) entry.keeper->forget();
}

std::shared_ptr<VectorIndex> DatabaseIndexes::find(Oid index, bool is_writer) const {
  const std::lock_guard lock(mutex_);
  const auto own = unpublished_.find(index);
  const auto known = entries_.find(index);
  if (known != entries_.end() && !(is_writer && own != unpublished_.end())) {
    return known->second.index;
  }
  if (own != unpublished_.end()) return own->second;
  throw SqlError(sqlstate::internal_error,
                 fmt::format("could not open relation with OID {}", index));
}

std::vector<std::shared_ptr<IndexKeeper>> DatabaseIndexes::keepers() const {
  std::vector<std::shared_ptr<IndexKeeper>> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [oid, entry] : entries_) {
    if (entry.keeper) all.push_back(entry.keeper);
  }
  return all;
}

void DatabaseIndexes::on_changes() {
  const std::lock_guard lock(mutex_);
  for (const auto& [oid, entry] : entries_) {
    if (entry.keeper) entry.keeper->wake();
  }
}

std::vector<VectorIndexStats> DatabaseIndexes::stats() const {
  std::vector<VectorIndexStats> all;
  const std::lock_guard lock(mutex_);
  for (const auto& [oid, entry] : entries_) {
    all.push_back(entry.index->stats());
    if (entry.keeper) all.back().file_bytes = entry.keeper->file_bytes();
  }
  return all;
}

std::vector<VectorIndexFacts> DatabaseIndexes::facts(std::size_t ef_search) const {
  std::vector<Entry> entries;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [oid, entry] : entries_) entries.push_back(entry);
    for (const auto& index : building_) entries.push_back({index, nullptr});
  }
  std::vector<VectorIndexFacts> all;
  for (const Entry& entry : entries) {
    all.push_back(facts_of(*entry.index, ef_search));
    if (entry.keeper) all.back().stats.file_bytes = entry.keeper->file_bytes();
  }
  return all;
}

std::size_t DatabaseIndexes::ef_for(Oid index, double recall, std::size_t limit) const {
  return find(index, false)->ef_for(recall, limit);
}

bool DatabaseIndexes::is_ready() const {
  const auto all = keepers();
  return std::all_of(all.begin(), all.end(), [](const std::shared_ptr<IndexKeeper>& keeper) {
    return keeper->has_caught_up_since_start();
  });
}

void DatabaseIndexes::flush() {
  std::int64_t last = 0;
  {
    const ReaderLease reader = database_.reader();
    last = change_log::last_sequence(reader.connection());
  }
  for (const auto& keeper : keepers()) keeper->wait_until_drained(last);
}

void DatabaseIndexes::checkpoint() {
  for (const auto& keeper : keepers()) keeper->save();
}

// Changes that every index has in its file are not needed any more.
void DatabaseIndexes::prune() {
  std::int64_t up_to = std::numeric_limits<std::int64_t>::max();
  std::int64_t kept = 0;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [oid, entry] : entries_) {
      if (!entry.keeper) continue;
      up_to = std::min(up_to, entry.keeper->saved_to());
      ++kept;
    }
  }
  try {
    bool has_more = true;
    while (has_more) {
      WriterLease writer = database_.begin({.timeout = prune_wait});
      has_more = change_log::index_count(writer.connection()) == kept &&
                 change_log::prune(writer.connection(), up_to, changes_pruned_at_once);
      writer.commit();
    }
  } catch (const SqlError& error) {
    // The writer is busy: the next save tries again.
    spdlog::debug("change log not pruned: {}", error.what());
  }
}

}  // namespace dvecdb::server::storage
