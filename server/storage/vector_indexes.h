// The life of vector indexes: built from rows, kept up to date from the change log, saved, loaded,
// replayed, searched in the reader's snapshot.
//
// Rows are the truth. Triggers on the table write (sequence, table, rowid) into the change log in
// the same transaction as the row. A background worker brings committed changes into the
// graph; a search adds by exact scan whatever its own snapshot has that the graph has not (its own
// uncommitted rows included) and drops what its snapshot does not have.
//
// SQL sees the module `knn`, a table-valued function of the row store:
//   SELECT k.id, k.distance FROM knn(index_oid, query, ef_search, k [, filter_sql, p1, ...]) AS k
// `id` is the rowid of the indexed table. Rows come in the order of distance, and go on coming
// until every row of the snapshot has been delivered once (rows whose vector is NULL last, with a
// NULL distance): the consumer's LIMIT decides where it stops. `distance` is what the SQL
// operator answers (`<->` a root, `<#>` negative). `k` is a hint: how many rows the consumer
// wants (0: unknown). `filter_sql` is a SELECT of the rowids that pass the consumer's filter, with
// ?1.. for p1..; the module runs it when too few candidates pass, and then walks or scans only
// those rows. NULL for none. A query of other dimensions than the index: 22000 "different vector
// dimensions %d and %d".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dvecdb/code_kind.h"
#include "server/storage/connection.h"

namespace dvecdb::server::storage {

using types::Oid;

enum class VectorElement : std::uint8_t { float32, float16, sparse, bit };
// As pgvector's operators: <->, <#>, <=>, <+>, <~>, <%>.
enum class VectorMetric : std::uint8_t { l2, inner_product, cosine, l1, hamming, jaccard };

struct VectorIndexDefinition {
  Oid index = types::invalid_oid;
  Oid table_oid = types::invalid_oid;
  std::string table;       // store name of the table
  std::string expression;  // of the vector in the store's SQL: the column's store name
  std::string predicate;   // partial index, in the store's SQL; "" for all rows
  VectorElement element = VectorElement::float32;
  VectorMetric metric = VectorMetric::l2;
  int dimensions = 0;
  int m = 16;
  int ef_construction = 64;
  core::CodeKind code = core::CodeKind::automatic;  // of what the graph is walked on
};

struct VectorIndexStats {
  Oid index = types::invalid_oid;
  std::int64_t vectors = 0;
  std::int64_t deleted = 0;
  std::int64_t delta = 0;  // committed changes not yet in the graph
  std::int64_t memory_bytes = 0;
  std::int64_t file_bytes = 0;
  std::int64_t applied_sequence = 0;
  bool is_building = false;
};

// An index as those see it who watch the server.
struct VectorIndexFacts {
  VectorIndexStats stats;
  Oid table = types::invalid_oid;
  bool is_partial = false;
  double recall = 0;         // of 10 answers, about; 0: not measured
  double build_seconds = 0;  // that its last build took; 0: none in this process
  double build_share = -1;   // 0 to 1 while it is being built; less than 0: it is not
};

class VectorIndexes {
 public:
  virtual ~VectorIndexes() = default;

  // Inside the caller's write transaction on `writer`: makes the change log's triggers on the table
  // and builds the graph from the rows that the transaction sees, over all cores, checking for
  // cancellation. The index serves searches of that transaction at once, and of others after
  // publish(); discard() forgets it (rollback). Wrong dimensions in a row: 22000.
  virtual void build(Connection& writer, const VectorIndexDefinition& definition) = 0;
  // Opens the index of an existing database at start: loads its file and replays the log's tail, or
  // rebuilds it in the background when the file is missing or damaged (searches are exact
  // meanwhile).
  virtual void open(const VectorIndexDefinition& definition) = 0;
  virtual void publish(Oid index) = 0;
  virtual void discard(Oid index) = 0;
  // Inside the caller's write transaction: removes the triggers. forget() after commit drops the
  // graph and its file.
  virtual void drop(Connection& writer, const VectorIndexDefinition& definition) = 0;
  virtual void forget(Oid index) = 0;

  virtual std::vector<VectorIndexStats> stats() const = 0;
  // Those being built for a transaction that goes on included. `ef_search`: that of `recall`.
  virtual std::vector<VectorIndexFacts> facts(std::size_t ef_search) const = 0;
  // What a search for `limit` rows (0: unknown) that is to reach the recall takes for ef_search; 0
  // while there is no graph.
  virtual std::size_t ef_for(Oid index, double recall, std::size_t limit) const = 0;
  // True when every index has been loaded and has caught up with the log as of start.
  virtual bool is_ready() const = 0;
  // Waits until committed changes up to now are in the graphs (tests, benchmarks, backup).
  virtual void flush() = 0;
  // Saves every index whose file is behind.
  virtual void checkpoint() = 0;
};

}  // namespace dvecdb::server::storage
