// The settings that exist: PostgreSQL's by its pg_settings rows, and this server's own.
// Immutable after construction: safe to read from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace dvecdb::server::exec {

enum class SettingType : std::uint8_t { boolean, integer, real, text, enumeration };

// Who may change a setting, and when. As pg_settings.context.
enum class SettingContext : std::uint8_t {
  internal,
  postmaster,
  sighup,
  superuser_backend,
  backend,
  superuser,
  user,
};

struct SettingDefinition {
  std::string name;
  std::string unit;  // "kB", "8kB", "ms", ...; "" for none
  std::string category;
  std::string short_description;
  std::string extra_description;
  SettingContext context = SettingContext::user;
  SettingType type = SettingType::text;
  std::string minimum, maximum;      // of numbers, as printed
  std::vector<std::string> choices;  // of an enumeration
  std::string boot_value;            // in base units
  bool is_reported = false;          // a change is told to the client
  bool is_listed = true;             // shown by SHOW ALL and pg_settings
};

class SettingTable {
 public:
  // `rows`: pg_settings in COPY's text form.
  explicit SettingTable(std::string_view rows);

  // By name without regard to case; null when there is none.
  const SettingDefinition* find(std::string_view name) const;
  const std::vector<SettingDefinition>& all() const { return definitions_; }  // sorted by name
  // Replaces a boot value; the value is checked. Throws SqlError.
  void set_boot_value(std::string_view name, std::string_view value);

 private:
  void add(SettingDefinition definition);
  std::vector<SettingDefinition> definitions_;
  std::unordered_map<std::string, std::size_t> by_name_;
};

// The value in its kept form (base units, canonical spelling). Throws SqlError (22023).
std::string check_setting(const SettingDefinition& definition, std::string_view value);
// As SHOW prints it: "4MB", "1min".
std::string format_setting(const SettingDefinition& definition, std::string_view value);
std::string_view setting_context_name(SettingContext context);
std::string_view setting_type_name(SettingType type);

// PostgreSQL's spellings of a boolean, prefixes included.
bool parse_boolean_setting(std::string_view text, bool& value);

}  // namespace dvecdb::server::exec
