// Small pieces that aggregates are made of.
#pragma once

#include <memory>

#include "server/functions/numbers.h"

namespace dvecdb::server::functions {

// The factory of an aggregate whose state is `State`, made from nothing.
template <typename State>
std::unique_ptr<Aggregate> make_aggregate(const CallTypes&) {
  return std::make_unique<State>();
}

// One that needs to know its types.
template <typename State>
std::unique_ptr<Aggregate> make_typed_aggregate(const CallTypes& call) {
  return std::make_unique<State>(call);
}

inline Oid argument_type(const CallTypes& call, std::size_t index = 0) {
  return index < call.arguments.size() ? call.arguments[index].oid : types::invalid_oid;
}

// Sums of double precision with their squares (Youngs and Cramer's updates, as PostgreSQL, so
// that the last digits agree).
struct FloatSums {
  double count = 0;
  double sum = 0;
  double squares = 0;  // of the distances from the mean

  void add(double v) {
    const double before = count;
    count += 1;
    const double old_sum = sum;
    sum += v;
    if (before > 0) {
      const double distance = v * count - sum;
      squares += distance * distance / (count * before);
      if (std::isinf(sum) || std::isinf(squares)) {
        if (!std::isinf(old_sum) && !std::isinf(v)) refuse_overflow();
        squares = std::numeric_limits<double>::quiet_NaN();
      }
    } else if (!std::isfinite(v)) {
      squares = std::numeric_limits<double>::quiet_NaN();
    }
  }
};

}  // namespace dvecdb::server::functions
