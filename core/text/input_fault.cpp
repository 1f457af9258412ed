#include "core/text/input_fault.h"

#include <cmath>
#include <cstdarg>
#include <cstdio>

#include "dvecdb/float_text.h"

namespace dvecdb::core {

InvalidInput::InvalidInput(const InputFault& fault) : fault_(fault), message_(fault.lead) {
  if (fault.quoted.data() != nullptr) message_.append("\"").append(fault.quoted).append("\"");
  message_ += fault.tail;
}

void refuse(Refusal refusal, const char* format, ...) {
  InputFault fault{};
  fault.refusal = refusal;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(fault.lead, sizeof(fault.lead), format, arguments);
  va_end(arguments);
  throw InvalidInput(fault);
}

void refuse_out_of_range(const VectorType& type, std::string_view token) {
  InputFault fault{};
  fault.refusal = Refusal::numeric_value_out_of_range;
  fault.quoted = token;
  std::snprintf(fault.tail, sizeof(fault.tail), " is out of range for type %s", type.name);
  throw InvalidInput(fault);
}

void refuse_syntax(const VectorType& type, std::string_view text, const char* detail) {
  InputFault fault{};
  fault.refusal = Refusal::invalid_text_representation;
  std::snprintf(fault.lead, sizeof(fault.lead), "invalid input syntax for type %s: ", type.name);
  fault.quoted = text.data() == nullptr ? std::string_view("") : text;
  fault.detail = detail;
  throw InvalidInput(fault);
}

void check_dimensions(const VectorType& type, std::int64_t dimensions) {
  if (dimensions < 1) {
    refuse(Refusal::data_exception, "%s must have at least 1 dimension", type.name);
  }
  if (dimensions > type.max_dimensions) {
    refuse(Refusal::program_limit_exceeded, "%s cannot have more than %d dimensions", type.name,
           type.max_dimensions);
  }
}

void check_expected_dimensions(std::int32_t typmod, std::int64_t dimensions) {
  if (typmod == -1 || typmod == dimensions) return;
  refuse(Refusal::data_exception, "expected %d dimensions, not %lld", typmod,
         static_cast<long long>(dimensions));
}

void check_element(const VectorType& type, float value) {
  if (std::isfinite(value)) return;
  refuse(Refusal::data_exception,
         std::isnan(value) ? "NaN not allowed in %s" : "infinite value not allowed in %s",
         type.name);
}

void check_element_count(std::int64_t count) {
  if (count <= max_sparsevec_elements) return;
  refuse(Refusal::program_limit_exceeded, "sparsevec cannot have more than %d non-zero elements",
         max_sparsevec_elements);
}

std::int32_t check_typmod(const VectorType& type, std::int64_t dimensions) {
  if (dimensions < 1) {
    refuse(Refusal::invalid_parameter_value, "dimensions for type %s must be at least 1",
           type.name);
  }
  if (dimensions > type.max_dimensions) {
    refuse(Refusal::invalid_parameter_value, "dimensions for type %s cannot exceed %d", type.name,
           type.max_dimensions);
  }
  return static_cast<std::int32_t>(dimensions);
}

Half checked_half(float value) {
  const Half half = to_half(value);
  if (std::isinf(to_float(half)) && !std::isinf(value)) {
    char printed[shortest_float_room + 1];
    *print_shortest(value, printed) = '\0';
    refuse(Refusal::numeric_value_out_of_range, "\"%s\" is out of range for type halfvec", printed);
  }
  return half;
}

}  // namespace dvecdb::core
