#include "server/types/float_text.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace dvecdb::server::types {
namespace {

// PostgreSQL never takes a decimal that lies exactly halfway to the neighbouring number, though
// it would read back as `value`; std::to_chars does (1e23). Only an even mantissa reads such a
// decimal back, and the exact test needs more bits than the type has, so it runs one wider.
template <typename Float>
bool lies_halfway(Float value, const char* begin, const char* end) {
  using Wide = std::conditional_t<sizeof(Float) == sizeof(float), double, long double>;
  using Bits = std::conditional_t<sizeof(Float) == sizeof(float), std::uint32_t, std::uint64_t>;
  if ((std::bit_cast<Bits>(value) & 1) != 0) return false;
  Wide decimal = 0;
  std::from_chars(begin, end, decimal);
  constexpr Float infinity = std::numeric_limits<Float>::infinity();
  for (Float direction : {-infinity, infinity}) {
    Wide neighbor = std::nextafter(value, direction);
    if (!std::isinf(neighbor) && (Wide{value} + neighbor) / 2 == decimal) return true;
  }
  return false;
}

// Digits and exponent of "d.ddde+xx" laid out as "ddd.ddd" or left in scientific notation.
void append_layout(std::string& out, std::string_view scientific, int fixed_digits) {
  std::size_t e = scientific.find('e');
  std::string_view mantissa = scientific.substr(0, e);
  int exponent = std::stoi(std::string(scientific.substr(e + 1)));
  if (mantissa.front() == '-') {
    out.push_back('-');
    mantissa.remove_prefix(1);
  }
  if (exponent < -4 || exponent >= fixed_digits) {
    out += mantissa;
    out += scientific.substr(e);
    return;
  }
  std::string digits(1, mantissa.front());
  if (mantissa.size() > 2) digits += mantissa.substr(2);
  if (exponent < 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-exponent - 1), '0');
    out += digits;
    return;
  }
  std::size_t whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() < whole) digits.append(whole - digits.size(), '0');
  out.append(digits, 0, whole);
  if (digits.size() > whole) {
    out.push_back('.');
    out.append(digits, whole);
  }
}

template <typename Float>
void append_shortest(std::string& out, Float value) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value > 0 ? "Infinity" : "-Infinity";
    return;
  }
  char text[64];
  char* end = std::to_chars(text, text + sizeof(text), value, std::chars_format::scientific).ptr;
  if (value != 0 && lies_halfway(value, text, end)) {
    // The fewest digits that read back and do not lie halfway.
    int precision = 0;
    Float read_back = 0;
    do {
      end = std::to_chars(text, text + sizeof(text), value, std::chars_format::scientific,
                          ++precision)
                .ptr;
      std::from_chars(text, end, read_back);
    } while (read_back != value || lies_halfway(value, text, end));
  }
  append_layout(out, std::string_view(text, static_cast<std::size_t>(end - text)),
                std::numeric_limits<Float>::digits10);
}

}  // namespace

void append_float4(std::string& out, float value) {
  append_shortest(out, value);
}

void append_float8(std::string& out, double value) {
  append_shortest(out, value);
}

}  // namespace dvecdb::server::types
