#pragma once

#include "extension/types/checks.h"
#include "extension/types/values.h"

namespace dvecdb::extension {

// A sparse vector of `count` elements, of which element(i) is the i-th: a function without state
// that answers alike whenever it is asked; it may raise.
template <class Element>
Sparsevec* sparse_of(std::int32_t count, Element element) {
  std::int32_t kept = 0;
  for (std::int32_t i = 0; i < count; ++i) kept += element(i) != 0;
  accepted([&] { core::check_element_count(kept); });
  Sparsevec* sparse = new_sparse(count, kept);
  std::int32_t place = 0;
  for (std::int32_t i = 0; i < count; ++i) {
    const float value = element(i);
    if (value == 0) continue;
    sparse->indices()[place] = i;
    sparse->values()[place] = value;
    ++place;
  }
  return sparse;
}

}  // namespace dvecdb::extension
