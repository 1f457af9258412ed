// The vector indexes of one database: which there are, who keeps them, what of the change log may
// go. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/storage/index_keeper.h"
#include "server/storage/vector_index.h"
#include "server/storage/vector_indexes.h"

namespace dvecdb::server::storage {

class DatabaseIndexes : public VectorIndexes {
 public:
  // Uses the database's readers and writer; must not outlive it.
  explicit DatabaseIndexes(Database& database);
  // Saves every index whose file is behind.
  ~DatabaseIndexes() override;

  void build(Connection& writer, const VectorIndexDefinition& definition) override;
  void open(const VectorIndexDefinition& definition) override;
  void publish(Oid index) override;
  void discard(Oid index) override;
  void drop(Connection& writer, const VectorIndexDefinition& definition) override;
  void forget(Oid index) override;

  std::vector<VectorIndexStats> stats() const override;
  std::vector<VectorIndexFacts> facts(std::size_t ef_search) const override;
  std::size_t ef_for(Oid index, double recall, std::size_t limit) const override;
  bool is_ready() const override;
  void flush() override;
  void checkpoint() override;

  // For a search. The writer's connection sees an index of its own transaction first.
  std::shared_ptr<VectorIndex> find(Oid index, bool is_writer) const;
  // After a commit that changed the log.
  void on_changes();

 private:
  struct Entry {
    std::shared_ptr<VectorIndex> index;
    std::shared_ptr<IndexKeeper> keeper;  // none for what is scanned only
  };
  Entry make_entry(std::shared_ptr<VectorIndex> index);
  std::vector<std::shared_ptr<IndexKeeper>> keepers() const;
  void prune();
  void remove_orphaned_files();

  Database& database_;
  KeeperSurroundings surroundings_;
  mutable std::mutex mutex_;
  std::unordered_map<Oid, Entry> entries_;
  std::unordered_map<Oid, std::shared_ptr<VectorIndex>> unpublished_;
  std::vector<std::shared_ptr<VectorIndex>> building_;
};

}  // namespace dvecdb::server::storage
