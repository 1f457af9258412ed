#pragma once

#include "extension/postgres.h"

extern "C" {
#include <utils/relcache.h>
}

namespace dvecdb::extension {

/// What nodes' own codes are, which every walk compares.
enum class Quantizer : int {
  automatic,  ///< by type, metric and dimensions, as measured
  none,       ///< the elements as they are
  half,       ///< float16 elements
  sq8,        ///< 8 bits an element after rotation
  rabitq,     ///< HnswOptions::quantizer_bits an element after rotation
};

/// Whether a node's neighbors' codes lie beside its links.
enum class CodeLayout : int {
  fused,    ///< they do: a walk reads two pages a node that it expands
  compact,  ///< they do not: the smallest index; a walk reads a page a neighbor
};

/// Where the vectors that decide the final order are read.
enum class RerankSource : int { heap, index };

/// The storage parameters of an hnsw index (CREATE INDEX ... WITH). How many workers a build takes
/// is the table's storage parameter parallel_workers, as in all of PostgreSQL.
struct HnswOptions {
  int m = 16;                ///< links on the upper levels; the lowest has twice as many; 2 to 100
  int ef_construction = 64;  ///< candidates weighed for a new node; 4 to 1000, at least 2 * m
  Quantizer quantizer = Quantizer::automatic;
  int quantizer_bits = 0;  ///< for rabitq, 1 to 8; 0: by dimensions
  CodeLayout layout = CodeLayout::fused;
  RerankSource rerank_source = RerankSource::heap;
};

/// Makes the storage parameters known to PostgreSQL; once a process, from _PG_init.
void register_options();

/// amoptions: checks (when `validate`) and parses. Raises invalid_parameter_value.
bytea* parse_options(Datum reloptions, bool validate);

/// What was said in CREATE INDEX or ALTER INDEX; defaults where nothing was said. An index that is
/// built goes by its meta page instead: what is set later counts from the next REINDEX.
HnswOptions options_of(Relation index);

/// Whether it is an index of our method.
bool is_hnsw(Relation index);

}  // namespace dvecdb::extension
