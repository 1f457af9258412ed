// From a catalog's hnsw index to what the store's vector indexes must know.
#pragma once

#include "server/query/analyze.h"
#include "server/storage/vector_indexes.h"

namespace dvecdb::server::exec {

inline bool is_vector_index(const query::IndexDesc& index) {
  return index.method == "hnsw";
}

// Throws SqlError for an index that could not have been made.
storage::VectorIndexDefinition vector_index_definition(const query::AnalyzeContext& analysis,
                                                       const query::RelationDesc& table,
                                                       const query::IndexDesc& index);

// What pgvector allows of a type in an hnsw index: throws 22023 for missing dimensions, 54000 for
// too many.
void check_vector_index_type(const query::Catalog& catalog, types::TypeRef type);
// m, ef_construction, quantizer and quantizer_bits within their bounds; throws 22023.
void check_vector_index_options(const std::vector<std::pair<std::string, std::string>>& options);

}  // namespace dvecdb::server::exec
