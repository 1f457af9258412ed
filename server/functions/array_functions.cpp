#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "server/functions/families.h"
#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/type_io.h"

namespace dvecdb::server::functions {
namespace {

using types::Array;
using types::ArrayDimension;
using types::SqlError;
namespace sqlstate = types::sqlstate;

constexpr std::int64_t max_elements = 134217727;  // as PostgreSQL's MaxArraySize
constexpr std::size_t max_dimensions = 6;

Array decode(const Value& value) {
  return types::decode_array(value.as_bytes());
}

SqlError size_error() {
  return SqlError(sqlstate::program_limit_exceeded,
                  fmt::format("array size exceeds the maximum allowed ({})", max_elements));
}

// ARRAY NULL counts as empty for what adds to it.
Array decode_or_empty(const Value& value, Oid element_type) {
  return value.is_null() ? types::make_array(element_type, {}) : decode(value);
}

void check_one_dimensional(const Array& array) {
  if (array.dimensions.size() > 1) {
    throw SqlError(sqlstate::data_exception, "argument must be empty or one-dimensional array");
  }
}

Value append(const FunctionContext& context, std::span<const Value> args) {
  Array array = decode_or_empty(args[0], context.call.arguments.at(1).oid);
  check_one_dimensional(array);
  if (array.dimensions.empty()) array.dimensions.push_back({0, 1});
  ++array.dimensions[0].length;
  array.elements.push_back(args[1]);
  return types::encode_array(array);
}

Value prepend(const FunctionContext& context, std::span<const Value> args) {
  Array array = decode_or_empty(args[1], context.call.arguments.at(0).oid);
  check_one_dimensional(array);
  if (array.dimensions.empty()) array.dimensions.push_back({0, 1});
  ++array.dimensions[0].length;
  array.elements.insert(array.elements.begin(), args[0]);
  return types::encode_array(array);
}

SqlError incompatible(std::string detail) {
  return SqlError(sqlstate::array_subscript_error, "cannot concatenate incompatible arrays")
      .detail(std::move(detail));
}

// The dimensions of `outer` with `inner` added as one more element or, with the same number of
// dimensions, as further elements.
std::vector<ArrayDimension> joined_dimensions(const Array& a, const Array& b) {
  const auto& x = a.dimensions;
  const auto& y = b.dimensions;
  bool is_nested = x.size() != y.size();
  if (is_nested && x.size() != y.size() + 1 && y.size() != x.size() + 1) {
    throw incompatible(
        fmt::format("Arrays of {} and {} dimensions are not compatible for "
                    "concatenation.",
                    x.size(), y.size()));
  }
  const auto& outer = y.size() > x.size() ? y : x;
  const auto& inner = y.size() > x.size() ? x : y;
  std::size_t skipped = is_nested ? 0 : 1;
  for (std::size_t i = skipped; i < inner.size(); ++i) {
    const ArrayDimension& other = outer[is_nested ? i + 1 : i];
    if (inner[i].length != other.length ||
        (is_nested ? false : inner[i].lower_bound != other.lower_bound)) {
      throw incompatible(is_nested ? "Arrays with differing dimensions are not compatible for "
                                     "concatenation."
                                   : "Arrays with differing element dimensions are not "
                                     "compatible for concatenation.");
    }
  }
  std::vector<ArrayDimension> joined = outer;
  joined[0].length += is_nested ? 1 : inner[0].length;
  if (is_nested && y.size() > x.size()) joined[0].lower_bound = outer[0].lower_bound;
  return joined;
}

Value concatenate(const FunctionContext&, std::span<const Value> args) {
  if (args[0].is_null() || args[1].is_null()) return args[args[0].is_null() ? 1 : 0];
  Array a = decode(args[0]);
  Array b = decode(args[1]);
  if (b.dimensions.empty()) return args[0];
  if (a.dimensions.empty()) return args[1];
  if (a.element_type != b.element_type) {
    throw SqlError(sqlstate::datatype_mismatch, "cannot concatenate incompatible arrays");
  }
  a.dimensions = joined_dimensions(a, b);
  a.elements.insert(a.elements.end(), b.elements.begin(), b.elements.end());
  return types::encode_array(a);
}

// The dimension that a function was asked for; nullptr when there is none.
const ArrayDimension* dimension(const Array& array, const Value& number) {
  std::int64_t index = number.as_integer();
  if (index < 1 || index > static_cast<std::int64_t>(array.dimensions.size())) return nullptr;
  return &array.dimensions[static_cast<std::size_t>(index - 1)];
}

std::int64_t upper_bound(const ArrayDimension& d) {
  return std::int64_t{d.lower_bound} + d.length - 1;
}

Value length(const FunctionContext&, std::span<const Value> args) {
  Array array = decode(args[0]);
  const ArrayDimension* found = dimension(array, args[1]);
  return found == nullptr ? Value::null() : Value::integer(found->length);
}

Value lower(const FunctionContext&, std::span<const Value> args) {
  Array array = decode(args[0]);
  const ArrayDimension* found = dimension(array, args[1]);
  return found == nullptr ? Value::null() : Value::integer(found->lower_bound);
}

Value upper(const FunctionContext&, std::span<const Value> args) {
  Array array = decode(args[0]);
  const ArrayDimension* found = dimension(array, args[1]);
  return found == nullptr ? Value::null() : Value::integer(upper_bound(*found));
}

Value dimension_count(const FunctionContext&, std::span<const Value> args) {
  Array array = decode(args[0]);
  if (array.dimensions.empty()) return Value::null();
  return Value::integer(static_cast<std::int64_t>(array.dimensions.size()));
}

Value dimension_text(const FunctionContext&, std::span<const Value> args) {
  Array array = decode(args[0]);
  if (array.dimensions.empty()) return Value::null();
  std::string out;
  for (const ArrayDimension& d : array.dimensions) {
    out += fmt::format("[{}:{}]", d.lower_bound, upper_bound(d));
  }
  return Value::text(std::move(out));
}

Value cardinality(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(static_cast<std::int64_t>(decode(args[0]).elements.size()));
}

// IS NOT DISTINCT FROM.
bool is_same(const FunctionContext& context, Oid type, const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
  return types::compare(context.io, type, a, b) == 0;
}

void check_searchable(const Array& array) {
  if (array.dimensions.size() > 1) {
    throw SqlError(sqlstate::feature_not_supported,
                   "searching for elements in multidimensional arrays is not supported");
  }
}

Value find_position(const FunctionContext& context, std::span<const Value> args) {
  if (args[0].is_null()) return Value::null();
  Array array = decode(args[0]);
  check_searchable(array);
  if (array.dimensions.empty()) return Value::null();
  std::int64_t lower_bound = array.dimensions[0].lower_bound;
  std::int64_t start = lower_bound;
  if (args.size() > 2) {
    if (args[2].is_null()) {
      throw SqlError(sqlstate::null_value_not_allowed, "initial position must not be null");
    }
    start = std::max(args[2].as_integer(), lower_bound);
  }
  for (auto i = static_cast<std::size_t>(start - lower_bound); i < array.elements.size(); ++i) {
    if (is_same(context, array.element_type, array.elements[i], args[1])) {
      return Value::integer(lower_bound + static_cast<std::int64_t>(i));
    }
  }
  return Value::null();
}

Value find_positions(const FunctionContext& context, std::span<const Value> args) {
  if (args[0].is_null()) return Value::null();
  Array array = decode(args[0]);
  check_searchable(array);
  std::vector<Value> found;
  for (std::size_t i = 0; i < array.elements.size(); ++i) {
    if (!is_same(context, array.element_type, array.elements[i], args[1])) continue;
    found.push_back(Value::integer(array.dimensions[0].lower_bound + static_cast<std::int64_t>(i)));
  }
  return types::encode_array(types::make_array(types::oids::int4, std::move(found)));
}

Value remove(const FunctionContext& context, std::span<const Value> args) {
  if (args[0].is_null()) return Value::null();
  Array array = decode(args[0]);
  if (array.dimensions.size() > 1) {
    throw SqlError(sqlstate::feature_not_supported,
                   "removing elements from multidimensional arrays is not supported");
  }
  std::erase_if(array.elements, [&](const Value& element) {
    return is_same(context, array.element_type, element, args[1]);
  });
  if (array.elements.empty()) {
    array.dimensions.clear();
  } else {
    array.dimensions[0].length = static_cast<std::int32_t>(array.elements.size());
  }
  return types::encode_array(array);
}

Value replace(const FunctionContext& context, std::span<const Value> args) {
  if (args[0].is_null()) return Value::null();
  Array array = decode(args[0]);
  for (Value& element : array.elements) {
    if (is_same(context, array.element_type, element, args[1])) element = args[2];
  }
  return types::encode_array(array);
}

SqlError bad_subscripts(std::string detail) {
  return SqlError(sqlstate::array_subscript_error, "wrong number of array subscripts")
      .detail(std::move(detail));
}

// The integers of a one-dimensional array that tells dimensions.
std::vector<std::int32_t> numbers_of(const Value& value, const char* detail) {
  Array array = decode(value);
  if (array.dimensions.size() > 1) throw bad_subscripts(detail);
  if (array.elements.size() > max_dimensions) {
    throw SqlError(sqlstate::program_limit_exceeded,
                   fmt::format("number of array dimensions ({}) exceeds the maximum allowed ({})",
                               array.elements.size(), max_dimensions));
  }
  std::vector<std::int32_t> numbers;
  for (const Value& element : array.elements) {
    if (element.is_null()) {
      throw SqlError(sqlstate::null_value_not_allowed, "dimension values cannot be null");
    }
    numbers.push_back(static_cast<std::int32_t>(element.as_integer()));
  }
  return numbers;
}

Value fill(const FunctionContext& context, std::span<const Value> args) {
  if (args[1].is_null() || (args.size() > 2 && args[2].is_null())) {
    throw SqlError(sqlstate::null_value_not_allowed,
                   "dimension array or low bound array cannot be null");
  }
  Array array;
  array.element_type = context.call.arguments.at(0).oid;
  std::vector<std::int32_t> lengths =
      numbers_of(args[1], "Dimension array must be one dimensional.");
  std::vector<std::int32_t> bounds(lengths.size(), 1);
  if (args.size() > 2) bounds = numbers_of(args[2], "Dimension array must be one dimensional.");
  if (bounds.size() != lengths.size()) {
    throw bad_subscripts("Low bound array has different size than dimensions array.");
  }
  std::int64_t count = lengths.empty() ? 0 : 1;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    if (lengths[i] < 0) throw size_error();
    count *= lengths[i];
    if (count > max_elements) throw size_error();
    if (std::int64_t{bounds[i]} + lengths[i] > std::numeric_limits<std::int32_t>::max()) {
      throw SqlError(sqlstate::program_limit_exceeded,
                     fmt::format("array lower bound is too large: {}", bounds[i]));
    }
    array.dimensions.push_back({lengths[i], bounds[i]});
  }
  if (count == 0) array.dimensions.clear();
  array.elements.assign(static_cast<std::size_t>(count), args[0]);
  return types::encode_array(array);
}

Value trim(const FunctionContext&, std::span<const Value> args) {
  Array array = decode(args[0]);
  std::int64_t outer = array.dimensions.empty() ? 0 : array.dimensions[0].length;
  std::int64_t count = args[1].as_integer();
  if (count < 0 || count > outer) {
    throw SqlError(sqlstate::array_subscript_error,
                   fmt::format("number of elements to trim must be between 0 and {}", outer));
  }
  if (outer == 0) return args[0];
  std::size_t inner = array.elements.size() / static_cast<std::size_t>(outer);
  array.elements.resize(inner * static_cast<std::size_t>(outer - count));
  for (ArrayDimension& d : array.dimensions) d.lower_bound = 1;
  array.dimensions[0].length = static_cast<std::int32_t>(outer - count);
  if (array.elements.empty()) array.dimensions.clear();
  return types::encode_array(array);
}

// Values that can be looked up; NULL is never found.
class ElementSet {
 public:
  ElementSet(const FunctionContext& context, const Array& array)
      : context_(context), type_(array.element_type) {
    for (const Value& element : array.elements) {
      if (!element.is_null()) keys_.push_back(types::sort_key(context.io, type_, element));
    }
    std::sort(keys_.begin(), keys_.end());
  }
  bool contains(const Value& value) const {
    return !value.is_null() && std::binary_search(keys_.begin(), keys_.end(),
                                                  types::sort_key(context_.io, type_, value));
  }

 private:
  const FunctionContext& context_;
  Oid type_;
  std::vector<std::string> keys_;
};

void check_same_elements(const Array& a, const Array& b) {
  if (a.element_type == b.element_type) return;
  throw SqlError(sqlstate::datatype_mismatch, "cannot compare arrays of different element types");
}

bool has_all(const FunctionContext& context, const Value& whole, const Value& part) {
  Array a = decode(whole);
  Array b = decode(part);
  check_same_elements(a, b);
  ElementSet set(context, a);
  return std::all_of(b.elements.begin(), b.elements.end(),
                     [&set](const Value& element) { return set.contains(element); });
}

Value contains(const FunctionContext& context, std::span<const Value> args) {
  return Value::boolean(has_all(context, args[0], args[1]));
}

Value contained(const FunctionContext& context, std::span<const Value> args) {
  return Value::boolean(has_all(context, args[1], args[0]));
}

Value overlaps(const FunctionContext& context, std::span<const Value> args) {
  Array a = decode(args[0]);
  Array b = decode(args[1]);
  check_same_elements(a, b);
  ElementSet set(context, a);
  return Value::boolean(
      std::any_of(b.elements.begin(), b.elements.end(),
                  [&set](const Value& element) { return set.contains(element); }));
}

constexpr std::array entries{
    ScalarEntry{"array_append", append, true},
    ScalarEntry{"array_prepend", prepend, true},
    ScalarEntry{"array_cat", concatenate},
    ScalarEntry{"array_length", length},
    ScalarEntry{"array_lower", lower},
    ScalarEntry{"array_upper", upper},
    ScalarEntry{"array_ndims", dimension_count},
    ScalarEntry{"array_dims", dimension_text},
    ScalarEntry{"array_cardinality", cardinality},
    ScalarEntry{"array_position", find_position},
    ScalarEntry{"array_position_start", find_position},
    ScalarEntry{"array_positions", find_positions},
    ScalarEntry{"array_remove", remove},
    ScalarEntry{"array_replace", replace},
    ScalarEntry{"array_fill", fill, true},
    ScalarEntry{"array_fill_with_lower_bounds", fill, true},
    ScalarEntry{"trim_array", trim},
    ScalarEntry{"arraycontains", contains},
    ScalarEntry{"arraycontained", contained},
    ScalarEntry{"arrayoverlap", overlaps},
};

}  // namespace

ScalarTable array_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
