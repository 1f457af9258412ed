// Reading of lists and numbers that people type.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dvecdb::bench::ann {

/// Empty parts are left out.
std::vector<std::string> split(const std::string& text, char separator);

/// A whole number from 1 to 1e12. Throws std::invalid_argument naming `what` and the text.
std::size_t parse_count(const std::string& what, const std::string& text);

/// A finite number above zero, likewise.
double parse_positive(const std::string& what, const std::string& text);

/// `values` in any order, which it changes; 0 when there are none.
double percentile(std::vector<double>& values, double share);
inline double median(std::vector<double> values) {
  return percentile(values, 0.5);
}

}  // namespace dvecdb::bench::ann
