#include "dvecdb/float_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string_view>

namespace dvecdb::core {
namespace {

constexpr std::size_t scientific_room = 64;

char* append(char* out, std::string_view text) {
  return std::copy(text.begin(), text.end(), out);
}

char* append_digits(char* out, std::string_view digits, std::size_t zeros) {
  return std::fill_n(append(out, digits), zeros, '0');
}

// Whether `text` lies exactly between v and a neighbour. Then it reads back as v only because v is
// even, and PostgreSQL prints a digit more. Only integers too great for the mantissa can do that.
template <class Float>
bool is_between_neighbors(Float v, const char* text) {
  const Float magnitude = std::abs(v);
  constexpr Float exact_limit = Float{1} / std::numeric_limits<Float>::epsilon();
  if (magnitude < exact_limit || magnitude > Float{1e30F}) return false;
  const long double printed = std::abs(std::strtold(text, nullptr));
  for (const Float end : {Float{0}, std::numeric_limits<Float>::infinity()}) {
    const Float neighbor = std::nextafter(magnitude, end);
    if (printed * 2 == static_cast<long double>(magnitude) + static_cast<long double>(neighbor)) {
      return true;
    }
  }
  return false;
}

// The digits as "d.ddde±xx", NUL-terminated.
template <class Float>
std::string_view shortest_scientific(Float v, char (&buffer)[scientific_room]) {
  char* end =
      std::to_chars(buffer, buffer + scientific_room - 1, v, std::chars_format::scientific).ptr;
  *end = '\0';
  if (!is_between_neighbors(v, buffer)) return {buffer, end};
  int length = 0;
  for (int precision = 1; precision < std::numeric_limits<Float>::max_digits10; ++precision) {
    length = std::snprintf(buffer, scientific_room, "%.*e", precision, static_cast<double>(v));
    Float back = 0;
    std::from_chars(buffer, buffer + length, back);
    if (back == v && !is_between_neighbors(v, buffer)) break;
  }
  return {buffer, static_cast<std::size_t>(length)};
}

char* print_exponent(char* out, int exponent) {
  *out++ = 'e';
  *out++ = exponent < 0 ? '-' : '+';
  const int magnitude = std::abs(exponent);
  if (magnitude < 10) *out++ = '0';
  return std::to_chars(out, out + 4, magnitude).ptr;
}

// Lays "d.ddde±xx" out as %g would: scientific when the exponent is below -4 or at least `limit`.
char* lay_out(char* out, std::string_view scientific, int limit) {
  const std::size_t mark = scientific.find('e');
  const std::string_view mantissa = scientific.substr(0, mark);
  std::string_view exponent_text = scientific.substr(mark + 1);
  if (exponent_text[0] == '+') exponent_text.remove_prefix(1);
  int exponent = 0;
  std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
  if (exponent < -4 || exponent >= limit) return print_exponent(append(out, mantissa), exponent);

  const std::string_view fraction = mantissa.size() > 2 ? mantissa.substr(2) : std::string_view{};
  if (exponent < 0) {
    out = append_digits(out, "0.", static_cast<std::size_t>(-exponent - 1));
    return append(append(out, mantissa.substr(0, 1)), fraction);
  }
  const auto whole = static_cast<std::size_t>(exponent);
  out = append(out, mantissa.substr(0, 1));
  if (fraction.size() <= whole) return append_digits(out, fraction, whole - fraction.size());
  out = append(append(out, fraction.substr(0, whole)), ".");
  return append(out, fraction.substr(whole));
}

}  // namespace

template <class Float>
char* print_shortest(Float value, char* out) {
  if (std::isnan(value)) return append(out, "NaN");
  if (std::signbit(value)) {
    *out++ = '-';
    value = -value;
  }
  if (std::isinf(value)) return append(out, "Infinity");
  char buffer[scientific_room];
  return lay_out(out, shortest_scientific(value, buffer), std::numeric_limits<Float>::digits10);
}

template char* print_shortest(float, char*);
template char* print_shortest(double, char*);

}  // namespace dvecdb::core
