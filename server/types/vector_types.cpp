#include <array>
#include <charconv>

#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/type_handler.h"
#include "server/types/vector_value.h"

namespace dvecdb::server::types {
namespace {

template <std::string (*parse)(std::string_view, std::int32_t)>
Value input(const IoContext&, TypeRef type, std::string_view text) {
  return Value::blob(parse(text, type.typmod));
}

template <void (*format)(std::string_view, std::string&)>
void output(const IoContext&, TypeRef, const Value& value, std::string& out) {
  format(value.as_bytes(), out);
}

template <int (*compare_bytes)(std::string_view, std::string_view)>
int compare_values(const IoContext&, Oid, const Value& a, const Value& b) {
  return compare_bytes(a.as_bytes(), b.as_bytes());
}

template <std::string (*key)(std::string_view)>
std::string key_of(const IoContext&, Oid, const Value& value) {
  return key(value.as_bytes());
}

std::int64_t parse_dimensions(const std::string_view* args, std::size_t count) {
  if (count != 1) throw SqlError(sqlstate::invalid_parameter_value, "invalid type modifier");
  std::int32_t value = 0;
  auto [stop, error] = std::from_chars(args->data(), args->data() + args->size(), value);
  if (error == std::errc::result_out_of_range) {
    throw SqlError(sqlstate::numeric_value_out_of_range,
                   "value \"" + std::string(*args) + "\" is out of range for type integer");
  }
  if (error != std::errc() || stop != args->data() + args->size()) {
    throw SqlError(sqlstate::invalid_text_representation,
                   "invalid input syntax for type integer: \"" + std::string(*args) + "\"");
  }
  return value;
}

std::int32_t vector_typmod(const std::string_view* args, std::size_t count) {
  return check_vector_typmod(core::vector_type, parse_dimensions(args, count));
}
std::int32_t halfvec_typmod(const std::string_view* args, std::size_t count) {
  return check_vector_typmod(core::halfvec_type, parse_dimensions(args, count));
}
std::int32_t sparsevec_typmod(const std::string_view* args, std::size_t count) {
  return check_vector_typmod(core::sparsevec_type, parse_dimensions(args, count));
}

std::size_t sparsevec_dimensions(std::string_view bytes) {
  return static_cast<std::size_t>(decode_sparsevec(bytes).dimensions);
}

template <std::size_t (*dimensions)(std::string_view)>
Value check_typmod(const IoContext&, TypeRef type, const Value& value, bool) {
  check_expected_dimensions(type.typmod, static_cast<std::int64_t>(dimensions(value.as_bytes())));
  return value;
}

constexpr std::array handlers{
    TypeHandler{.oid = oids::vector,
                .input = input<parse_vector>,
                .output = output<format_vector>,
                .receive = input<receive_vector>,
                .send = output<send_vector>,
                .ordering = Ordering::sort_key,
                .compare = compare_values<compare_vector>,
                .sort_key = key_of<vector_sort_key>,
                .parse_typmod = vector_typmod,
                .apply_typmod = check_typmod<vector_dimensions>},
    TypeHandler{.oid = oids::halfvec,
                .input = input<parse_halfvec>,
                .output = output<format_halfvec>,
                .receive = input<receive_halfvec>,
                .send = output<send_halfvec>,
                .ordering = Ordering::sort_key,
                .compare = compare_values<compare_halfvec>,
                .sort_key = key_of<halfvec_sort_key>,
                .parse_typmod = halfvec_typmod,
                .apply_typmod = check_typmod<halfvec_dimensions>},
    TypeHandler{.oid = oids::sparsevec,
                .input = input<parse_sparsevec>,
                .output = output<format_sparsevec>,
                .receive = input<receive_sparsevec>,
                .send = output<send_sparsevec>,
                .ordering = Ordering::sort_key,
                .compare = compare_values<compare_sparsevec>,
                .sort_key = key_of<sparsevec_sort_key>,
                .parse_typmod = sparsevec_typmod,
                .apply_typmod = check_typmod<sparsevec_dimensions>},
};

}  // namespace

TypeHandlers vector_types() {
  return handlers;
}

}  // namespace dvecdb::server::types
