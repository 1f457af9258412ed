// sum() and avg() of vectors. The factories registered as "sum" and "avg" call these when the
// argument is a vector type.
#pragma once

#include <memory>

#include "server/functions/function.h"

namespace dvecdb::server::functions {

bool is_vector_type(Oid type);  // vector, halfvec

// For a call whose argument is_vector_type().
std::unique_ptr<Aggregate> make_vector_sum(const CallTypes& call);
std::unique_ptr<Aggregate> make_vector_avg(const CallTypes& call);

}  // namespace dvecdb::server::functions
