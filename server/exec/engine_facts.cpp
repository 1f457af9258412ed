#include "server/exec/engine_facts.h"

#include <algorithm>
#include <string>

#include "server/exec/engine_core.h"
#include "server/storage/vector_indexes.h"

namespace dvecdb::server::exec {

namespace {

// The name of an index whose CREATE INDEX has not ended: only its own transaction knows it.
constexpr const char* unfinished = "(being created)";

std::string shown_name(const query::RelationDesc& table) {
  return table.schema == "public" ? table.name : table.schema + "." + table.name;
}

IndexFacts index_facts(const storage::VectorIndexFacts& known, const catalog::Snapshot& catalog) {
  const storage::VectorIndexStats& stats = known.stats;
  IndexFacts facts;
  const query::IndexDesc* index = catalog.find_index(stats.index);
  facts.index = index == nullptr ? unfinished : index->name;
  if (const query::RelationDesc* table = catalog.find_relation(known.table)) {
    facts.table = shown_name(*table);
  }
  facts.vectors = stats.vectors;
  facts.memory_bytes = stats.memory_bytes;
  facts.disk_bytes = stats.file_bytes;
  facts.delta_rows = stats.delta;
  const std::int64_t nodes = stats.vectors + stats.deleted;
  if (nodes > 0) facts.deleted_ratio = static_cast<double>(stats.deleted) / nodes;
  facts.recall = known.recall;
  facts.build_seconds = known.build_seconds;
  facts.build_share = known.build_share;
  return facts;
}

double rows_of(const query::RelationDesc& table,
               const std::vector<storage::VectorIndexFacts>& indexes) {
  double rows = table.estimated_rows;
  for (const storage::VectorIndexFacts& index : indexes) {
    if (index.table != table.oid || index.is_partial) continue;
    rows = std::max(rows, static_cast<double>(index.stats.vectors));
  }
  return rows;
}

void add_database(OpenDatabase& database, std::size_t ef_search, EngineFacts& facts) {
  const catalog::SnapshotPtr catalog = database.kept_snapshot();
  if (!catalog) return;
  const std::string name = database.name();
  const auto indexes = database.store().vector_indexes().facts(ef_search);
  for (const storage::VectorIndexFacts& index : indexes) {
    facts.indexes.push_back(index_facts(index, *catalog));
    facts.indexes.back().database = name;
  }
  for (const query::RelationDesc* table : catalog->relations()) {
    if (table->kind != 'r' || table->oid < catalog::first_user_oid) continue;
    const double rows = rows_of(*table, indexes);
    if (rows >= 0) facts.tables.push_back({name, shown_name(*table), rows});
  }
  facts.log_bytes += database.store().log_bytes();
}

CacheFacts cache_facts(const char* name, const storage::CacheCounter& counter) {
  return {name, counter.hits, counter.misses};
}

}  // namespace

std::size_t EngineCore::default_ef_search() const {
  return std::stoul(settings_.find("hnsw.ef_search")->boot_value);
}

EngineFacts EngineCore::facts() const {
  std::vector<std::shared_ptr<OpenDatabase>> databases;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [oid, database] : databases_) databases.push_back(database);
  }
  EngineFacts facts;
  for (const auto& database : databases) add_database(*database, default_ef_search(), facts);
  const storage::StoreCounters& store = storage::store_counters();
  facts.caches = {cache_facts("plans", plan_cache_counter_),
                  cache_facts("statements", store.statements), cache_facts("pages", store.pages)};
  facts.commits = store.commits.counts();
  facts.syncs = store.syncs.counts();
  return facts;
}

}  // namespace dvecdb::server::exec
