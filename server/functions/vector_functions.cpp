#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>
#include <vector>

#include "dvecdb/distance.h"
#include "dvecdb/half.h"
#include "server/functions/families.h"
#include "server/functions/float_errors.h"
#include "server/functions/vector_tables.h"
#include "server/types/binary.h"
#include "server/types/error.h"
#include "server/types/vector_value.h"

namespace dvecdb::server::functions {
namespace {

using core::Half;
using core::Metric;
using types::SqlError;
namespace sqlstate = types::sqlstate;

// What differs between the dense types, beside the element.
template <class T>
struct Dense;
template <>
struct Dense<float> {
  static constexpr const core::VectorType& type = core::vector_type;
  static std::vector<float> decode(std::string_view bytes) { return types::decode_vector(bytes); }
  static std::string encode(const std::vector<float>& elements) {
    return types::encode_vector(elements);
  }
  static constexpr auto compare = types::compare_vector;
};
template <>
struct Dense<Half> {
  static constexpr const core::VectorType& type = core::halfvec_type;
  static std::vector<float> decode(std::string_view bytes) { return types::decode_halfvec(bytes); }
  // Elements too large become infinity.
  static std::string encode(const std::vector<float>& elements) {
    std::string bytes(elements.size() * sizeof(Half), '\0');
    for (std::size_t i = 0; i < elements.size(); ++i) {
      Half half = core::to_half(elements[i]);
      std::memcpy(bytes.data() + i * sizeof(Half), &half, sizeof(Half));
    }
    return bytes;
  }
  static constexpr auto compare = types::compare_halfvec;
};

// The elements of a stored vector, copied only when they do not lie aligned.
template <class T>
class Elements {
 public:
  explicit Elements(const Value& value) : bytes_(value.as_bytes()) {
    if (reinterpret_cast<std::uintptr_t>(bytes_.data()) % alignof(T) == 0) return;
    copy_.resize(size());
    std::memcpy(copy_.data(), bytes_.data(), copy_.size() * sizeof(T));
  }
  const T* data() const {
    return copy_.empty() ? reinterpret_cast<const T*>(bytes_.data()) : copy_.data();
  }
  std::size_t size() const { return bytes_.size() / sizeof(T); }

 private:
  std::string_view bytes_;
  std::vector<T> copy_;
};

template <class T>
void check_same_dimensions(const Value& a, const Value& b) {
  std::size_t a_size = a.as_bytes().size() / sizeof(T);
  std::size_t b_size = b.as_bytes().size() / sizeof(T);
  if (a_size == b_size) return;
  throw SqlError(sqlstate::data_exception, fmt::format("different {} dimensions {} and {}",
                                                       Dense<T>::type.name, a_size, b_size));
}

template <class T, Metric metric>
Value distance(const FunctionContext&, std::span<const Value> args) {
  check_same_dimensions<T>(args[0], args[1]);
  Elements<T> a(args[0]);
  Elements<T> b(args[1]);
  return Value::real(core::operator_distance(metric, a.data(), b.data(), a.size()));
}

template <class T>
Value l2_squared(const FunctionContext&, std::span<const Value> args) {
  check_same_dimensions<T>(args[0], args[1]);
  Elements<T> a(args[0]);
  Elements<T> b(args[1]);
  return Value::real(core::ordering_distance(Metric::l2_squared, a.data(), b.data(), a.size()));
}

template <class T>
double dot(std::span<const Value> args) {
  check_same_dimensions<T>(args[0], args[1]);
  Elements<T> a(args[0]);
  Elements<T> b(args[1]);
  return static_cast<double>(core::distance_kernels<T>().dot(a.data(), b.data(), a.size()));
}

template <class T>
Value inner_product(const FunctionContext&, std::span<const Value> args) {
  return Value::real(dot<T>(args));
}

template <class T>
Value spherical_distance(const FunctionContext&, std::span<const Value> args) {
  return Value::real(std::acos(std::clamp(dot<T>(args), -1.0, 1.0)) / std::numbers::pi);
}

template <class T>
Value dimensions(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(static_cast<std::int64_t>(args[0].as_bytes().size() / sizeof(T)));
}

template <class T>
Value norm(const FunctionContext&, std::span<const Value> args) {
  Elements<T> a(args[0]);
  return Value::real(core::l2_norm(a.data(), a.size()));
}

template <class T>
Value encode_checked(const std::vector<float>& elements) {
  std::string bytes = Dense<T>::encode(elements);
  for (float element : Dense<T>::decode(bytes)) {
    if (std::isinf(element)) throw_float_overflow();
  }
  return Value::blob(std::move(bytes));
}

template <class T>
Value normalize(const FunctionContext&, std::span<const Value> args) {
  Elements<T> a(args[0]);
  double length = core::l2_norm(a.data(), a.size());
  std::vector<float> elements = Dense<T>::decode(args[0].as_bytes());
  for (float& element : elements) {
    element = length > 0 ? static_cast<float>(static_cast<double>(element) / length) : 0.0F;
  }
  return encode_checked<T>(elements);
}

template <class T, class Combine>
Value combine(std::span<const Value> args, Combine combine_elements) {
  check_same_dimensions<T>(args[0], args[1]);
  std::vector<float> a = Dense<T>::decode(args[0].as_bytes());
  std::vector<float> b = Dense<T>::decode(args[1].as_bytes());
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = combine_elements(a[i], b[i]);
  return encode_checked<T>(a);
}

template <class T>
Value add(const FunctionContext&, std::span<const Value> args) {
  return combine<T>(args, [](float a, float b) { return a + b; });
}

template <class T>
Value subtract(const FunctionContext&, std::span<const Value> args) {
  return combine<T>(args, [](float a, float b) { return a - b; });
}

template <class T>
Value multiply(const FunctionContext&, std::span<const Value> args) {
  Value product = combine<T>(args, [](float a, float b) { return a * b; });
  std::vector<float> a = Dense<T>::decode(args[0].as_bytes());
  std::vector<float> b = Dense<T>::decode(args[1].as_bytes());
  std::vector<float> result = Dense<T>::decode(product.as_bytes());
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] == 0 && a[i] != 0 && b[i] != 0) throw_float_underflow();
  }
  return product;
}

template <class T>
Value concatenate(const FunctionContext&, std::span<const Value> args) {
  std::string bytes(args[0].as_bytes());
  bytes += args[1].as_bytes();
  types::check_vector_dimensions(Dense<T>::type,
                                 static_cast<std::int64_t>(bytes.size() / sizeof(T)));
  return Value::blob(std::move(bytes));
}

template <class T>
Value subvector(const FunctionContext&, std::span<const Value> args) {
  auto size = static_cast<std::int64_t>(args[0].as_bytes().size() / sizeof(T));
  std::int64_t start = args[1].as_integer();
  std::int64_t count = args[2].as_integer();
  std::int64_t end = std::min(start + count, size + 1);
  start = std::max<std::int64_t>(start, 1);
  types::check_vector_dimensions(Dense<T>::type, count < 1 ? 0 : end - start);
  return Value::blob_view(
      args[0].as_bytes().substr(static_cast<std::size_t>(start - 1) * sizeof(T),
                                static_cast<std::size_t>(end - start) * sizeof(T)));
}

// One bit an element, set where it is above zero.
template <class T>
Value binary_quantize(const FunctionContext&, std::span<const Value> args) {
  std::vector<float> elements = Dense<T>::decode(args[0].as_bytes());
  std::string bits;
  types::append_u32(bits, static_cast<std::uint32_t>(elements.size()));
  std::size_t header = bits.size();
  bits.resize(header + (elements.size() + 7) / 8, '\0');
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (elements[i] > 0) bits[header + i / 8] |= static_cast<char>(0x80 >> (i % 8));
  }
  return Value::blob(std::move(bits));
}

template <class T>
Value compare(const FunctionContext&, std::span<const Value> args) {
  return Value::integer(Dense<T>::compare(args[0].as_bytes(), args[1].as_bytes()));
}

template <class T, class Test>
Value test_order(const FunctionContext&, std::span<const Value> args) {
  return Value::boolean(Test{}(Dense<T>::compare(args[0].as_bytes(), args[1].as_bytes()), 0));
}

constexpr std::array entries{
    ScalarEntry{"l2_distance", distance<float, Metric::l2_squared>},
    ScalarEntry{"vector_l2_squared_distance", l2_squared<float>},
    ScalarEntry{"inner_product", inner_product<float>},
    ScalarEntry{"vector_negative_inner_product", distance<float, Metric::inner_product>},
    ScalarEntry{"cosine_distance", distance<float, Metric::cosine>},
    ScalarEntry{"vector_spherical_distance", spherical_distance<float>},
    ScalarEntry{"l1_distance", distance<float, Metric::l1>},
    ScalarEntry{"vector_dims", dimensions<float>},
    ScalarEntry{"vector_norm", norm<float>},
    ScalarEntry{"l2_normalize", normalize<float>},
    ScalarEntry{"vector_add", add<float>},
    ScalarEntry{"vector_sub", subtract<float>},
    ScalarEntry{"vector_mul", multiply<float>},
    ScalarEntry{"vector_concat", concatenate<float>},
    ScalarEntry{"subvector", subvector<float>},
    ScalarEntry{"binary_quantize", binary_quantize<float>},
    ScalarEntry{"vector_cmp", compare<float>},
    ScalarEntry{"vector_lt", test_order<float, std::less<>>},
    ScalarEntry{"vector_le", test_order<float, std::less_equal<>>},
    ScalarEntry{"vector_eq", test_order<float, std::equal_to<>>},
    ScalarEntry{"vector_ne", test_order<float, std::not_equal_to<>>},
    ScalarEntry{"vector_ge", test_order<float, std::greater_equal<>>},
    ScalarEntry{"vector_gt", test_order<float, std::greater<>>},
    ScalarEntry{"halfvec_l2_distance", distance<Half, Metric::l2_squared>},
    ScalarEntry{"halfvec_l2_squared_distance", l2_squared<Half>},
    ScalarEntry{"halfvec_inner_product", inner_product<Half>},
    ScalarEntry{"halfvec_negative_inner_product", distance<Half, Metric::inner_product>},
    ScalarEntry{"halfvec_cosine_distance", distance<Half, Metric::cosine>},
    ScalarEntry{"halfvec_spherical_distance", spherical_distance<Half>},
    ScalarEntry{"halfvec_l1_distance", distance<Half, Metric::l1>},
    ScalarEntry{"halfvec_vector_dims", dimensions<Half>},
    ScalarEntry{"halfvec_l2_norm", norm<Half>},
    ScalarEntry{"halfvec_l2_normalize", normalize<Half>},
    ScalarEntry{"halfvec_add", add<Half>},
    ScalarEntry{"halfvec_sub", subtract<Half>},
    ScalarEntry{"halfvec_mul", multiply<Half>},
    ScalarEntry{"halfvec_concat", concatenate<Half>},
    ScalarEntry{"halfvec_subvector", subvector<Half>},
    ScalarEntry{"halfvec_binary_quantize", binary_quantize<Half>},
    ScalarEntry{"halfvec_cmp", compare<Half>},
    ScalarEntry{"halfvec_lt", test_order<Half, std::less<>>},
    ScalarEntry{"halfvec_le", test_order<Half, std::less_equal<>>},
    ScalarEntry{"halfvec_eq", test_order<Half, std::equal_to<>>},
    ScalarEntry{"halfvec_ne", test_order<Half, std::not_equal_to<>>},
    ScalarEntry{"halfvec_ge", test_order<Half, std::greater_equal<>>},
    ScalarEntry{"halfvec_gt", test_order<Half, std::greater<>>},
};

}  // namespace

ScalarTable vector_functions() {
  static const std::vector<ScalarEntry> all = [] {
    std::vector<ScalarEntry> joined(entries.begin(), entries.end());
    for (ScalarTable table : {sparse_vector_functions(), vector_cast_functions()}) {
      joined.insert(joined.end(), table.begin(), table.end());
    }
    return joined;
  }();
  return all;
}

}  // namespace dvecdb::server::functions
