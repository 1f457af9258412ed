#include "server/exec/settings/setting_table.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "server/types/error.h"

namespace dvecdb::server::exec {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

constexpr std::array<std::string_view, 7> context_names = {
    "internal", "postmaster", "sighup", "superuser-backend", "backend", "superuser", "user"};
constexpr std::array<std::string_view, 5> type_names = {"bool", "integer", "real", "string",
                                                        "enum"};

template <std::size_t n>
std::size_t index_of(const std::array<std::string_view, n>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? n - 1 : static_cast<std::size_t>(found - names.begin());
}

// One row of COPY's text form; \N reads as "".
std::vector<std::string> split_row(std::string_view line) {
  std::vector<std::string> fields(1);
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\t') {
      fields.emplace_back();
    } else if (line[i] == '\\' && i + 1 < line.size()) {
      ++i;
      if (line[i] == 'N') continue;
      fields.back() += line[i] == 'n' ? '\n' : line[i] == 't' ? '\t' : line[i];
    } else {
      fields.back() += line[i];
    }
  }
  return fields;
}

// "{a,\"b c\"}" without nesting.
std::vector<std::string> split_choices(std::string_view text) {
  std::vector<std::string> choices;
  if (text.size() < 2) return choices;
  text = text.substr(1, text.size() - 2);
  std::string current;
  bool in_quote = false;
  for (const char c : text) {
    if (c == '"') {
      in_quote = !in_quote;
    } else if (c == ',' && !in_quote) {
      choices.push_back(std::move(current));
      current.clear();
    } else {
      current += c;
    }
  }
  choices.push_back(std::move(current));
  return choices;
}

constexpr std::array<std::string_view, 12> reported = {"application_name",
                                                       "client_encoding",
                                                       "DateStyle",
                                                       "in_hot_standby",
                                                       "integer_datetimes",
                                                       "IntervalStyle",
                                                       "is_superuser",
                                                       "server_encoding",
                                                       "server_version",
                                                       "session_authorization",
                                                       "standard_conforming_strings",
                                                       "TimeZone"};

SettingDefinition from_row(const std::vector<std::string>& row) {
  SettingDefinition d;
  d.name = row[0];
  d.unit = row[2];
  d.category = row[3];
  d.short_description = row[4];
  d.extra_description = row[5];
  d.context = static_cast<SettingContext>(index_of(context_names, row[6]));
  d.type = static_cast<SettingType>(index_of(type_names, row[7]));
  d.minimum = row[9];
  d.maximum = row[10];
  d.choices = split_choices(row[11]);
  // Databases are of UTF8; the default that a client may lower is what it starts with.
  d.boot_value = d.name.ends_with("_encoding") ? row[1] : row[12];
  return d;
}

constexpr std::string_view wire = "Client Connection Defaults / Other Defaults";
constexpr std::string_view search = "Customized Options";

SettingDefinition make(std::string_view name, SettingType type, std::string_view boot,
                       std::string_view minimum, std::string_view maximum,
                       std::string_view description) {
  SettingDefinition d;
  d.name = name;
  d.type = type;
  d.boot_value = boot;
  d.minimum = minimum;
  d.maximum = maximum;
  d.category = search;
  d.short_description = description;
  return d;
}

SettingDefinition make_hidden(std::string_view name, SettingContext context,
                              std::string_view boot) {
  SettingDefinition d;
  d.name = name;
  d.context = context;
  d.boot_value = boot;
  d.category = wire;
  d.is_listed = false;
  return d;
}

// What pg_settings does not list, and the vector search's own.
std::vector<SettingDefinition> own_settings() {
  std::vector<SettingDefinition> own;
  own.push_back(make("hnsw.ef_search", SettingType::integer, "40", "1", "1000",
                     "Sets the size of the dynamic candidate list for search"));
  own.push_back(make("hnsw.target_recall", SettingType::real, "0", "0", "0.9999",
                     "Sets the recall that searches are to reach, instead of hnsw.ef_search"));
  own.push_back(make("hnsw.iterative_scan", SettingType::enumeration, "off", "", "",
                     "Sets the mode for iterative scans"));
  own.back().choices = {"off", "relaxed_order", "strict_order"};
  own.push_back(make("hnsw.max_scan_tuples", SettingType::integer, "20000", "1", "2147483647",
                     "Sets the max number of tuples to visit for iterative scans"));
  own.push_back(make("hnsw.scan_mem_multiplier", SettingType::real, "1", "1", "1000",
                     "Sets the multiple of work_mem to use for iterative scans"));
  own.push_back(
      make("ivfflat.probes", SettingType::integer, "1", "1", "32768", "Sets the number of probes"));
  own.push_back(make("ivfflat.iterative_scan", SettingType::enumeration, "off", "", "",
                     "Sets the mode for iterative scans"));
  own.back().choices = {"off", "relaxed_order"};
  own.push_back(make("ivfflat.max_probes", SettingType::integer, "32768", "1", "32768",
                     "Sets the max number of probes for iterative scans"));
  own.push_back(make_hidden("is_superuser", SettingContext::internal, "on"));
  own.back().type = SettingType::boolean;
  own.push_back(make_hidden("session_authorization", SettingContext::user, ""));
  own.push_back(make_hidden("role", SettingContext::user, "none"));
  own.push_back(make_hidden("seed", SettingContext::user, "unavailable"));
  return own;
}

}  // namespace

SettingTable::SettingTable(std::string_view rows) {
  while (!rows.empty()) {
    const std::size_t end = std::min(rows.find('\n'), rows.size());
    const std::vector<std::string> row = split_row(rows.substr(0, end));
    rows.remove_prefix(std::min(end + 1, rows.size()));
    if (row.size() >= 13) add(from_row(row));
  }
  for (SettingDefinition& own : own_settings()) add(std::move(own));
  std::sort(definitions_.begin(), definitions_.end(),
            [](const SettingDefinition& a, const SettingDefinition& b) {
              return lower(a.name) < lower(b.name);
            });
  for (std::size_t i = 0; i < definitions_.size(); ++i) by_name_[lower(definitions_[i].name)] = i;
}

void SettingTable::add(SettingDefinition definition) {
  definition.is_reported =
      std::find(reported.begin(), reported.end(), definition.name) != reported.end();
  definitions_.push_back(std::move(definition));
}

const SettingDefinition* SettingTable::find(std::string_view name) const {
  const auto found = by_name_.find(lower(name));
  return found == by_name_.end() ? nullptr : &definitions_[found->second];
}

void SettingTable::set_boot_value(std::string_view name, std::string_view value) {
  const auto found = by_name_.find(lower(name));
  if (found == by_name_.end()) {
    throw types::SqlError(types::sqlstate::undefined_object,
                          "unrecognized configuration parameter \"" + std::string(name) + "\"");
  }
  SettingDefinition& definition = definitions_[found->second];
  definition.boot_value = check_setting(definition, value);
}

std::string_view setting_context_name(SettingContext context) {
  return context_names[static_cast<std::size_t>(context)];
}

std::string_view setting_type_name(SettingType type) {
  return type_names[static_cast<std::size_t>(type)];
}

}  // namespace dvecdb::server::exec
