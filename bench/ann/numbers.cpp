#include "bench/ann/numbers.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace dvecdb::bench::ann {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

double parse_positive(const std::string& what, const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value) || value <= 0) {
    throw std::invalid_argument(what + " is a number above 0, not \"" + text + "\"");
  }
  return value;
}

std::size_t parse_count(const std::string& what, const std::string& text) {
  const double value = parse_positive(what, text);
  if (value != std::floor(value) || value > 1e12) {
    throw std::invalid_argument(what + " is a whole number up to 1e12, not \"" + text + "\"");
  }
  return static_cast<std::size_t>(value);
}

double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  const auto last = static_cast<double>(values.size() - 1);
  const auto place = values.begin() + static_cast<std::ptrdiff_t>(std::lround(share * last));
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

}  // namespace dvecdb::bench::ann
