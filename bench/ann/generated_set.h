// Sets that are made, not shipped: any size, the same on every run.
#pragma once

#include <optional>
#include <string>

#include "bench/ann/vectors.h"

namespace dvecdb::bench::ann {

struct MixtureShape {
  std::size_t rows = 0;
  std::size_t dims = 0;
};

/// Of "mixture-<rows>-<dims>", where rows may end in k or m: mixture-200k-768. Nothing when the
/// name is no mixture's. Throws std::invalid_argument when it is one of an impossible size.
std::optional<MixtureShape> mixture_shape(const std::string& name);

/// Vectors of a mixture of Gaussians whose variances decay from axis to axis, turned so that no
/// axis is special. A smaller set is the beginning of the larger one of equal dimensions.
/// Base and queries are filled, the truth is not.
VectorSet make_mixture(const std::string& name, const MixtureShape& shape, std::size_t queries,
                       int threads);

}  // namespace dvecdb::bench::ann
