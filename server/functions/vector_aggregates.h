// sum() and avg() of vectors. The factories registered as "sum" and "avg" call these when the
// argument is a vector type.
#pragma once

#include <memory>

#include "server/functions/function.h"

namespace dvecdb::server::functions {

// For a call whose argument is vector or halfvec.
std::unique_ptr<Aggregate> make_vector_sum(const CallTypes& call);
std::unique_ptr<Aggregate> make_vector_avg(const CallTypes& call);

}  // namespace dvecdb::server::functions
