// What core refuses of a vector type's value, as SqlError. Internal to the vector types.
#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "dvecdb/vector_text.h"
#include "server/types/error.h"

namespace dvecdb::server::types {

inline std::string_view sqlstate_of(core::Refusal refusal) {
  switch (refusal) {
    case core::Refusal::invalid_text_representation:
      return sqlstate::invalid_text_representation;
    case core::Refusal::numeric_value_out_of_range:
      return sqlstate::numeric_value_out_of_range;
    case core::Refusal::program_limit_exceeded:
      return sqlstate::program_limit_exceeded;
    case core::Refusal::invalid_parameter_value:
      return sqlstate::invalid_parameter_value;
    case core::Refusal::protocol_violation:
      return sqlstate::protocol_violation;
    case core::Refusal::data_exception:
      break;
  }
  return sqlstate::data_exception;
}

template <class Body>
auto translated(Body body) {
  try {
    return body();
  } catch (const core::InvalidInput& refused) {
    const char* detail = refused.fault().detail;
    throw SqlError(sqlstate_of(refused.fault().refusal), refused.what())
        .detail(detail == nullptr ? "" : detail);
  }
}

// The elements of a stored dense vector, which need not lie aligned.
template <class T>
std::vector<T> decode_elements(std::string_view bytes) {
  std::vector<T> elements(bytes.size() / sizeof(T));
  if (!elements.empty()) std::memcpy(elements.data(), bytes.data(), elements.size() * sizeof(T));
  return elements;
}

}  // namespace dvecdb::server::types
