// Inserts and vacuum.
#pragma once

#include <string>

#include "bench/ann/vectors.h"
#include "bench/pgvector/contender.h"
#include "bench/pgvector/results.h"

namespace dvecdb::bench::pgvector {

struct InsertPlan {
  std::string prefix;    ///< of the measures' names: "plain " without an index
  std::size_t rows = 0;  ///< in single statements, and as many again in one COPY
};

/// The table, what is stored out of line, and its indexes, so that nothing is read from disk later.
void read_into_buffers(const Contender& contender, const ann::VectorSet& set);

/// Inserts new rows and deletes them again. They lie among the others: each is one row moved a
/// tenth of the way to another.
void measure_inserts(const ann::VectorSet& set, const Contender& contender, const InsertPlan& plan,
                     Results& results);

/// Deletes a fifth of the rows, all over the table; vacuums; then says what recall is left.
void measure_vacuum(const ann::VectorSet& set, const Contender& contender, Results& results);

}  // namespace dvecdb::bench::pgvector
