// ARRAY[...], subscripts and slices.
#include "server/exec/store_functions_array.h"

#include <algorithm>

#include "server/exec/store_functions_call.h"
#include "server/types/array.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::Array;
using types::ArrayDimension;
using types::Oid;
using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

using Arguments = std::span<const Value>;
constexpr std::size_t most_dimensions = 6;

bool same_shape(const Array& a, const Array& b) {
  return std::equal(a.dimensions.begin(), a.dimensions.end(), b.dimensions.begin(),
                    b.dimensions.end(), [](const ArrayDimension& x, const ArrayDimension& y) {
                      return x.length == y.length && x.lower_bound == y.lower_bound;
                    });
}

// array_value(element type, is_nested, x...)
Value array_value(StoreContext&, Arguments arguments) {
  const Oid element = static_cast<Oid>(arguments[0].as_integer());
  const Arguments items = arguments.subspan(2);
  if (arguments[1].as_boolean()) return nest_arrays(element, items);
  return types::encode_array(types::make_array(element, {items.begin(), items.end()}));
}

// Where an element lies, or nothing when a subscript is outside.
struct Position {
  bool is_inside = false;
  std::size_t index = 0;
};

Position find_element(const Array& array, Arguments subscripts) {
  if (array.dimensions.size() != subscripts.size()) return {};
  std::size_t index = 0;
  for (std::size_t i = 0; i < subscripts.size(); ++i) {
    if (subscripts[i].is_null()) return {};
    const ArrayDimension& dimension = array.dimensions[i];
    const std::int64_t offset = subscripts[i].as_integer() - dimension.lower_bound;
    if (offset < 0 || offset >= dimension.length) return {};
    index = index * static_cast<std::size_t>(dimension.length) + static_cast<std::size_t>(offset);
  }
  return {true, index};
}

// array_subscript(array, i, ...)
Value array_subscript(StoreContext&, Arguments arguments) {
  if (arguments[0].is_null()) return {};
  const Array array = types::decode_array(arguments[0].as_bytes());
  const Position position = find_element(array, arguments.subspan(1));
  return position.is_inside ? array.elements[position.index] : Value();
}

struct Range {
  std::int64_t first = 0;  // offset in the dimension
  std::int64_t count = 0;
};

// Row-major copy of the elements within `ranges`.
void copy_slice(const Array& array, const std::vector<Range>& ranges, std::size_t depth,
                std::size_t base, std::vector<Value>& out) {
  if (depth == ranges.size()) {
    out.push_back(array.elements[base]);
    return;
  }
  const auto length = static_cast<std::size_t>(array.dimensions[depth].length);
  for (std::int64_t i = 0; i < ranges[depth].count; ++i) {
    const auto offset = static_cast<std::size_t>(ranges[depth].first + i);
    copy_slice(array, ranges, depth + 1, base * length + offset, out);
  }
}

// array_slice(array, kinds, bounds...): one letter of `kinds` a dimension tells which bounds
// follow: 'b' both, 'l' lower, 'u' upper, 'n' none.
Value array_slice(StoreContext&, Arguments arguments) {
  if (arguments[0].is_null()) return {};
  const Array array = types::decode_array(arguments[0].as_bytes());
  const std::string_view kinds = arguments[1].as_bytes();
  Arguments bounds = arguments.subspan(2);
  for (const Value& bound : bounds) {
    if (bound.is_null()) return {};
  }
  const auto empty = [&] { return types::encode_array(types::make_array(array.element_type, {})); };
  if (kinds.size() > array.dimensions.size()) return empty();
  std::vector<Range> ranges;
  for (std::size_t i = 0; i < array.dimensions.size(); ++i) {
    const ArrayDimension& dimension = array.dimensions[i];
    std::int64_t lower = dimension.lower_bound;
    std::int64_t upper = lower + dimension.length - 1;
    const char kind = i < kinds.size() ? kinds[i] : 'n';
    const auto take = [&bounds] {
      const std::int64_t bound = bounds.front().as_integer();
      bounds = bounds.subspan(1);
      return bound;
    };
    if (kind == 'b' || kind == 'l') lower = std::max(lower, take());
    if (kind == 'b' || kind == 'u') upper = std::min(upper, take());
    if (lower > upper) return empty();
    ranges.push_back({lower - dimension.lower_bound, upper - lower + 1});
  }
  if (ranges.empty()) return empty();
  Array result;
  result.element_type = array.element_type;
  for (const Range& range : ranges) {
    result.dimensions.push_back({static_cast<std::int32_t>(range.count), 1});
  }
  copy_slice(array, ranges, 0, 0, result.elements);
  return types::encode_array(result);
}

// array_retag(array, element type)
Value array_retag(StoreContext&, Arguments arguments) {
  if (arguments[0].is_null()) return {};
  Array array = types::decode_array(arguments[0].as_bytes());
  array.element_type = static_cast<Oid>(arguments[1].as_integer());
  return types::encode_array(array);
}

constexpr HelperEntry helpers[] = {
    {"array_value", array_value},   {"array_subscript", array_subscript},
    {"array_slice", array_slice},   {"array_retag", array_retag},
    {"array_assign", array_assign},
};

}  // namespace

Value nest_arrays(Oid element, Arguments items) {
  std::vector<Array> arrays;
  for (const Value& item : items) {
    arrays.push_back(item.is_null() ? Array{} : types::decode_array(item.as_bytes()));
  }
  Array result;
  result.element_type = element;
  if (arrays.empty() || arrays.front().dimensions.empty()) {
    const bool all_empty = std::all_of(arrays.begin(), arrays.end(),
                                       [](const Array& a) { return a.dimensions.empty(); });
    if (all_empty) return types::encode_array(result);
  }
  for (Array& array : arrays) {
    if (!same_shape(array, arrays.front())) {
      throw SqlError(sqlstate::array_subscript_error,
                     "multidimensional arrays must have array expressions with matching "
                     "dimensions");
    }
    std::move(array.elements.begin(), array.elements.end(), std::back_inserter(result.elements));
  }
  if (arrays.front().dimensions.size() >= most_dimensions) {
    throw SqlError(sqlstate::program_limit_exceeded,
                   "number of array dimensions (7) exceeds the maximum allowed (6)");
  }
  result.dimensions.push_back({static_cast<std::int32_t>(arrays.size()), 1});
  result.dimensions.insert(result.dimensions.end(), arrays.front().dimensions.begin(),
                           arrays.front().dimensions.end());
  return types::encode_array(result);
}

void register_array_helpers(StoreContext& store) {
  register_helpers(store, helpers);
}

}  // namespace dvecdb::server::exec
