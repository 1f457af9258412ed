// Checks and canonical spellings of settings' values.
#include <fmt/format.h>

#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <span>

#include "server/exec/settings/setting_table.h"
#include "server/exec/settings/special_settings.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// Units in bytes or microseconds.
struct Unit {
  std::string_view name;
  double size;
};
constexpr double kilobyte = 1024;
constexpr std::array<Unit, 5> memory_units = {{{"TB", kilobyte* kilobyte* kilobyte* kilobyte},
                                               {"GB", kilobyte* kilobyte* kilobyte},
                                               {"MB", kilobyte* kilobyte},
                                               {"kB", kilobyte},
                                               {"B", 1}}};
constexpr std::array<Unit, 6> time_units = {
    {{"d", 86400e6}, {"h", 3600e6}, {"min", 60e6}, {"s", 1e6}, {"ms", 1e3}, {"us", 1}}};

std::span<const Unit> units_of(std::string_view base) {
  if (base.empty()) return {};
  return base.back() == 'B' ? std::span<const Unit>(memory_units)
                            : std::span<const Unit>(time_units);
}

// The size of a definition's base unit, "8kB" included.
double base_size(std::string_view base) {
  double factor = 1;
  std::size_t digits = 0;
  while (digits < base.size() && std::isdigit(static_cast<unsigned char>(base[digits])) != 0) {
    ++digits;
  }
  if (digits > 0) factor = std::atof(std::string(base.substr(0, digits)).c_str());
  for (const Unit& unit : units_of(base)) {
    if (unit.name == base.substr(digits)) return factor * unit.size;
  }
  return factor;
}

[[noreturn]] void refuse(const SettingDefinition& d, std::string_view value,
                         std::string hint = {}) {
  throw SqlError(sqlstate::invalid_parameter_value,
                 fmt::format("invalid value for parameter \"{}\": \"{}\"", d.name, value))
      .hint(std::move(hint));
}

std::string unit_hint(const SettingDefinition& d) {
  if (d.unit.empty()) return {};
  if (d.unit.back() == 'B') {
    return "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".";
  }
  return "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\".";
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0) {
    text.remove_prefix(1);
  }
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0) {
    text.remove_suffix(1);
  }
  return text;
}

// A number with an optional unit, in base units.
double parse_number(const SettingDefinition& d, std::string_view value) {
  const std::string text(trim(value));
  char* end = nullptr;
  const bool is_hex = text.find_first_of("xX") == 1;
  double number = is_hex ? static_cast<double>(std::strtoll(text.c_str(), &end, 16))
                         : std::strtod(text.c_str(), &end);
  if (end == text.c_str() || std::isnan(number) ||
      std::isalpha(static_cast<unsigned char>(text[0])) != 0) {
    refuse(d, value);
  }
  const std::string_view unit = trim(std::string_view(end));
  if (unit.empty()) return number;
  for (const Unit& candidate : units_of(d.unit)) {
    if (candidate.name == unit) return number * candidate.size / base_size(d.unit);
  }
  refuse(d, value, unit_hint(d));
}

void check_range(const SettingDefinition& d, double number, const std::string& shown) {
  const bool too_low = !d.minimum.empty() && number < std::atof(d.minimum.c_str());
  // The printed maximum of a real is rounded: let the largest double pass.
  const bool too_high = !d.maximum.empty() && number > std::strtod(d.maximum.c_str(), nullptr) &&
                        d.maximum != "1.79769e+308";
  if (!too_low && !too_high) return;
  const std::string space = d.unit.empty() ? "" : " ";
  throw SqlError(sqlstate::invalid_parameter_value,
                 fmt::format("{}{}{} is outside the valid range for parameter \"{}\" ({} .. {})",
                             shown, space, d.unit, d.name, d.minimum, d.maximum));
}

std::string check_integer(const SettingDefinition& d, std::string_view value) {
  const double number = std::rint(parse_number(d, value));
  if (number > 2147483647.0 || number < -2147483648.0) {
    refuse(d, value, "Value exceeds integer range.");
  }
  const std::string shown = fmt::format("{}", static_cast<std::int64_t>(number));
  check_range(d, number, shown);
  return shown;
}

std::string check_real(const SettingDefinition& d, std::string_view value) {
  const double number = parse_number(d, value);
  std::string shown = fmt::format("{:g}", number);
  check_range(d, number, shown);
  if (std::strtod(shown.c_str(), nullptr) != number) shown = fmt::format("{}", number);
  return shown;
}

std::string check_enumeration(const SettingDefinition& d, std::string_view value) {
  const std::string wanted = lower(value);
  for (const std::string& choice : d.choices) {
    if (lower(choice) == wanted) return choice;
  }
  // Enumerations that were booleans once still take a boolean.
  bool flag = false;
  if (parse_boolean_setting(value, flag)) {
    for (const std::string& choice : d.choices) {
      if (choice == (flag ? "on" : "off")) return choice;
    }
  }
  std::string hint = "Available values: ";
  for (std::size_t i = 0; i < d.choices.size(); ++i) {
    hint += (i > 0 ? ", " : "") + d.choices[i];
  }
  refuse(d, value, hint + ".");
}

}  // namespace

bool parse_boolean_setting(std::string_view text, bool& value) {
  const std::string word = lower(text);
  const auto is_prefix = [&](std::string_view full, std::size_t least) {
    return word.size() >= least && full.substr(0, word.size()) == word;
  };
  if (is_prefix("true", 1) || is_prefix("yes", 1) || is_prefix("on", 2) || word == "1") {
    value = true;
    return true;
  }
  if (is_prefix("false", 1) || is_prefix("no", 1) || is_prefix("off", 2) || word == "0") {
    value = false;
    return true;
  }
  return false;
}

std::string check_setting(const SettingDefinition& definition, std::string_view value) {
  switch (definition.type) {
    case SettingType::boolean: {
      bool flag = false;
      if (!parse_boolean_setting(value, flag)) {
        throw SqlError(sqlstate::invalid_parameter_value,
                       fmt::format("parameter \"{}\" requires a Boolean value", definition.name));
      }
      return flag ? "on" : "off";
    }
    case SettingType::integer:
      return check_integer(definition, value);
    case SettingType::real:
      return check_real(definition, value);
    case SettingType::enumeration:
      return check_enumeration(definition, value);
    case SettingType::text:
      break;
  }
  return check_special_setting(definition, value);
}

std::string format_setting(const SettingDefinition& definition, std::string_view value) {
  const bool is_number =
      definition.type == SettingType::integer || definition.type == SettingType::real;
  if (!is_number || definition.unit.empty()) return std::string(value);
  const double number = std::strtod(std::string(value).c_str(), nullptr);
  if (number <= 0) return std::string(value);
  const double total = number * base_size(definition.unit);
  for (const Unit& unit : units_of(definition.unit)) {
    const double count = total / unit.size;
    if (count >= 1 && count == std::floor(count)) return fmt::format("{:.0f}{}", count, unit.name);
  }
  return fmt::format("{}{}", value, definition.unit);
}

}  // namespace dvecdb::server::exec
