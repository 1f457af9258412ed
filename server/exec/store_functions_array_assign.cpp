// UPDATE ... SET a[i] = x, a[i:j] = y: the array with something put into it.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "server/exec/store_functions_array.h"
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
constexpr std::int64_t most_elements = 134217727;

struct Bounds {
  std::int64_t lower = 0;
  std::int64_t upper = 0;
  std::int64_t count() const { return upper - lower + 1; }
};

SqlError subscript_error(std::string message) {
  return SqlError(sqlstate::array_subscript_error, std::move(message));
}

// The bounds of each dimension, as `kinds` says which are given: 'e' an element, 'b' both of a
// slice, 'l' lower, 'u' upper, 'n' none. Missing ones are the array's own.
std::vector<Bounds> read_bounds(const Array& array, std::string_view kinds, Arguments given) {
  std::vector<Bounds> bounds;
  const auto take = [&given] {
    if (given.front().is_null()) {
      throw SqlError(sqlstate::null_value_not_allowed,
                     "array subscript in assignment must not be null");
    }
    const std::int64_t bound = given.front().as_integer();
    given = given.subspan(1);
    return bound;
  };
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const char kind = kinds[i];
    Bounds dimension;
    if (i < array.dimensions.size()) {
      dimension.lower = array.dimensions[i].lower_bound;
      dimension.upper = dimension.lower + array.dimensions[i].length - 1;
    } else if (kind != 'e' && kind != 'b') {
      throw subscript_error("array slice subscript must provide both boundaries")
          .detail(
              "When assigning to a slice of an empty array value, slice boundaries must be fully "
              "specified.");
    }
    if (kind == 'b' || kind == 'l') dimension.lower = take();
    if (kind == 'b' || kind == 'u' || kind == 'e') dimension.upper = take();
    if (kind == 'e') dimension.lower = dimension.upper;
    if (dimension.lower > dimension.upper) {
      throw subscript_error("upper bound cannot be less than lower bound");
    }
    bounds.push_back(dimension);
  }
  return bounds;
}

// An array of one dimension grows to hold what is assigned, with NULLs in between.
void grow(Array& array, const Bounds& bounds) {
  ArrayDimension& dimension = array.dimensions.front();
  const std::int64_t lower = std::min<std::int64_t>(dimension.lower_bound, bounds.lower);
  const std::int64_t upper = std::max<std::int64_t>(
      std::int64_t{dimension.lower_bound} + dimension.length - 1, bounds.upper);
  if (upper - lower + 1 > most_elements) {
    throw SqlError(sqlstate::program_limit_exceeded,
                   fmt::format("array size exceeds the maximum allowed ({})", most_elements));
  }
  array.elements.insert(array.elements.begin(),
                        static_cast<std::size_t>(dimension.lower_bound - lower), Value());
  array.elements.resize(static_cast<std::size_t>(upper - lower + 1));
  dimension.lower_bound = static_cast<std::int32_t>(lower);
  dimension.length = static_cast<std::int32_t>(upper - lower + 1);
}

void make_room(Array& array, const std::vector<Bounds>& bounds) {
  if (array.dimensions.empty()) {
    std::int64_t count = 1;
    for (const Bounds& dimension : bounds) {
      count *= dimension.count();
      if (count > most_elements) {
        throw SqlError(sqlstate::program_limit_exceeded,
                       fmt::format("array size exceeds the maximum allowed ({})", most_elements));
      }
      array.dimensions.push_back({static_cast<std::int32_t>(dimension.count()),
                                  static_cast<std::int32_t>(dimension.lower)});
    }
    array.elements.resize(static_cast<std::size_t>(count));
    return;
  }
  if (array.dimensions.size() == 1) return grow(array, bounds.front());
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const ArrayDimension& dimension = array.dimensions[i];
    if (bounds[i].lower < dimension.lower_bound ||
        bounds[i].upper >= std::int64_t{dimension.lower_bound} + dimension.length) {
      throw subscript_error("array subscript out of range");
    }
  }
}

// Puts `values` in row-major order into the places within `bounds`.
void put(Array& array, const std::vector<Bounds>& bounds, std::size_t depth, std::size_t base,
         Arguments& values) {
  if (depth == bounds.size()) {
    array.elements[base] = values.front();
    values = values.subspan(1);
    return;
  }
  const ArrayDimension& dimension = array.dimensions[depth];
  for (std::int64_t i = bounds[depth].lower; i <= bounds[depth].upper; ++i) {
    put(array, bounds, depth + 1,
        base * static_cast<std::size_t>(dimension.length) +
            static_cast<std::size_t>(i - dimension.lower_bound),
        values);
  }
}

}  // namespace

Value array_assign(StoreContext&, Arguments arguments) {
  Array array;
  if (!arguments[0].is_null()) array = types::decode_array(arguments[0].as_bytes());
  const std::string_view kinds = arguments[1].as_bytes();
  array.element_type = static_cast<Oid>(arguments[2].as_integer());
  const Value& assigned = arguments[3];
  const bool is_slice = kinds.front() != 'e';
  if (is_slice && assigned.is_null()) return arguments[0];
  const bool fits =
      is_slice ? kinds.size() <= array.dimensions.size() : kinds.size() == array.dimensions.size();
  if (!array.dimensions.empty() && !fits) throw subscript_error("wrong number of array subscripts");
  std::vector<Bounds> bounds = read_bounds(array, kinds, arguments.subspan(4));
  for (std::size_t i = bounds.size(); i < array.dimensions.size(); ++i) {
    const ArrayDimension& whole = array.dimensions[i];
    bounds.push_back({whole.lower_bound, std::int64_t{whole.lower_bound} + whole.length - 1});
  }
  make_room(array, bounds);
  Array source;
  if (is_slice) {
    source = types::decode_array(assigned.as_bytes());
  } else {
    source.elements.push_back(assigned);
  }
  std::size_t wanted = 1;
  for (const Bounds& dimension : bounds) wanted *= static_cast<std::size_t>(dimension.count());
  if (source.elements.size() < wanted) throw subscript_error("source array too small");
  Arguments values(source.elements);
  put(array, bounds, 0, 0, values);
  return types::encode_array(array);
}

}  // namespace dvecdb::server::exec
