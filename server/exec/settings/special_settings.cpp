#include "server/exec/settings/special_settings.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>

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

SqlError invalid(std::string_view setting, std::string_view value) {
  return SqlError(sqlstate::invalid_parameter_value,
                  fmt::format("invalid value for parameter \"{}\": \"{}\"", setting, value));
}

std::string check_date_style(std::string_view value) {
  types::IoContext io;
  read_date_style(value, io);
  static constexpr std::array<std::string_view, 4> styles = {"ISO", "Postgres", "SQL", "German"};
  static constexpr std::array<std::string_view, 3> orders = {"YMD", "DMY", "MDY"};
  return fmt::format("{}, {}", styles[static_cast<std::size_t>(io.date_style)],
                     orders[static_cast<std::size_t>(io.date_order)]);
}

std::string check_client_encoding(std::string_view value) {
  std::string name;
  for (const char c : value) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
  }
  if (name == "UTF8" || name == "UNICODE") return "UTF8";
  if (name == "SQLASCII") return "SQL_ASCII";
  static constexpr std::array<std::string_view, 12> others = {
      "LATIN1", "ISO88591", "LATIN9", "WIN1252", "WIN1251", "WIN1250",
      "KOI8R",  "KOI8U",    "EUCJP",  "SJIS",    "GBK",     "BIG5"};
  if (std::find(others.begin(), others.end(), name) != others.end()) {
    throw SqlError(sqlstate::feature_not_supported,
                   fmt::format("conversion between {} and UTF8 is not supported", name));
  }
  throw invalid("client_encoding", value);
}

bool is_file(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

// "+05:30", "-7", "<+05>-05": an offset instead of a name.
bool is_offset(std::string_view value) {
  if (value.empty()) return false;
  return std::all_of(value.begin(), value.end(), [](char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-' || c == ':' ||
           c == '.';
  });
}

// The zone under its own spelling; names are found without regard to case in the usual places.
std::string check_time_zone(std::string_view value) {
  const std::string text(value);
  if (is_offset(value) || text.find('<') == 0) return text;
  if (lower(text) == "default" || lower(text) == "local") return "UTC";
  const bool is_safe = text.find("..") == std::string::npos && !text.empty() && text[0] != '/';
  if (is_safe && is_file("/usr/share/zoneinfo/" + text)) return text;
  std::string spelled = lower(text);
  for (const char* name : {"UTC", "GMT", "Zulu", "UCT", "EST", "MST", "HST", "CET", "EET", "MET",
                           "WET", "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT"}) {
    if (lower(name) == spelled) return name;
  }
  // "europe/berlin" is Europe/Berlin.
  bool starts_word = true;
  for (char& c : spelled) {
    if (starts_word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    starts_word = c == '/' || c == '_' || c == '-';
  }
  if (is_safe && is_file("/usr/share/zoneinfo/" + spelled)) return spelled;
  throw invalid("TimeZone", value);
}

constexpr std::array<std::string_view, 8> list_settings = {"search_path",
                                                           "DateStyle",
                                                           "temp_tablespaces",
                                                           "session_preload_libraries",
                                                           "local_preload_libraries",
                                                           "synchronous_standby_names",
                                                           "wal_consistency_checking",
                                                           "log_destination"};

}  // namespace

void read_date_style(std::string_view text, types::IoContext& io) {
  std::string word;
  const auto apply = [&] {
    if (word.empty()) return;
    if (word == "iso") {
      io.date_style = types::DateStyle::iso;
    } else if (word == "sql") {
      io.date_style = types::DateStyle::sql;
    } else if (word.rfind("postgres", 0) == 0) {
      io.date_style = types::DateStyle::postgres;
    } else if (word == "german") {
      io.date_style = types::DateStyle::german;
      io.date_order = types::DateOrder::dmy;
    } else if (word == "ymd") {
      io.date_order = types::DateOrder::ymd;
    } else if (word == "dmy" || word.rfind("euro", 0) == 0) {
      io.date_order = types::DateOrder::dmy;
    } else if (word == "mdy" || word == "us" || word.rfind("noneuro", 0) == 0) {
      io.date_order = types::DateOrder::mdy;
    } else if (word == "default") {
      io.date_style = types::DateStyle::iso;
      io.date_order = types::DateOrder::mdy;
    } else {
      throw invalid("DateStyle", text).detail(fmt::format("Unrecognized key word: \"{}\".", word));
    }
    word.clear();
  };
  for (const char c : text) {
    if (c == ',' || std::isspace(static_cast<unsigned char>(c)) != 0) {
      apply();
    } else if (c != '"') {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  apply();
}

std::vector<std::string> split_identifier_list(std::string_view setting, std::string_view text) {
  std::vector<std::string> names;
  std::size_t i = 0;
  const auto skip_blanks = [&] {
    while (i < text.size() && std::isspace(static_cast<unsigned char>(text[i])) != 0) ++i;
  };
  const auto refuse = [&]() -> SqlError {
    return invalid(setting, text).detail("List syntax is invalid.");
  };
  skip_blanks();
  if (i >= text.size()) return names;
  while (true) {
    std::string name;
    if (text[i] == '"') {
      for (++i;; ++i) {
        if (i >= text.size()) throw refuse();
        if (text[i] == '"') {
          if (i + 1 >= text.size() || text[i + 1] != '"') break;
          ++i;
        }
        name += text[i];
      }
      ++i;
    } else {
      while (i < text.size() && text[i] != ',' &&
             std::isspace(static_cast<unsigned char>(text[i])) == 0) {
        name += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i++])));
      }
      if (name.empty()) throw refuse();
    }
    names.push_back(std::move(name));
    skip_blanks();
    if (i >= text.size()) return names;
    if (text[i] != ',') throw refuse();
    ++i;
    skip_blanks();
    if (i >= text.size()) throw refuse();
  }
}

std::string check_special_setting(const SettingDefinition& definition, std::string_view value) {
  if (definition.name == "DateStyle") return check_date_style(value);
  if (definition.name == "TimeZone") return check_time_zone(value);
  if (definition.name == "client_encoding") return check_client_encoding(value);
  if (definition.name == "search_path") split_identifier_list(definition.name, value);
  return std::string(value);
}

bool is_list_setting(std::string_view name) {
  const std::string wanted = lower(name);
  return std::any_of(list_settings.begin(), list_settings.end(),
                     [&](std::string_view setting) { return lower(setting) == wanted; });
}

bool is_quoted_list_setting(std::string_view name) {
  return is_list_setting(name) && lower(name) != "datestyle" && lower(name) != "log_destination" &&
         lower(name) != "synchronous_standby_names";
}

}  // namespace dvecdb::server::exec
