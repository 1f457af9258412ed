// Builds a graph from the rows of a snapshot, over all cores.
#pragma once

#include "server/storage/vector_index.h"

namespace dvecdb::server::storage {

core::HnswOptions graph_options(const VectorIndexDefinition& definition);

// `connection` must be in a transaction; the graph is complete up to its snapshot. Throws what
// reading rows throws (57014 when the connection is cancelled), 22000 for a row of other
// dimensions.
BuiltGraph build_graph(Connection& connection, const VectorIndexDefinition& definition,
                       BuildProgress& progress);

}  // namespace dvecdb::server::storage
