#include "extension/types/values.h"

namespace dvecdb::extension {

Sparsevec* new_sparse(std::int32_t dimensions, std::int32_t elements) {
  const std::size_t size = Sparsevec::size(static_cast<std::size_t>(elements));
  auto* value = static_cast<Sparsevec*>(palloc(size));
  SET_VARSIZE(value, size);
  value->dimensions = dimensions;
  value->elements = elements;
  value->unused = 0;
  return value;
}

}  // namespace dvecdb::extension
