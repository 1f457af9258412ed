#include "server/exec/settings/session_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

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

SqlError unknown(std::string_view name) {
  return SqlError(sqlstate::undefined_object,
                  fmt::format("unrecognized configuration parameter \"{}\"", name));
}

SqlError unchangeable(std::string_view name, std::string_view how) {
  return SqlError(sqlstate::cant_change_runtime_param,
                  fmt::format("parameter \"{}\" cannot be {}", name, how));
}

// Any name of two or more identifiers joined by dots may be set: others' settings.
bool is_custom_name(std::string_view name) {
  bool starts_part = true;
  bool has_dot = false;
  for (const char c : name) {
    const auto u = static_cast<unsigned char>(c);
    if (c == '.') {
      if (starts_part) return false;
      starts_part = true;
      has_dot = true;
      continue;
    }
    const bool is_letter = std::isalpha(u) != 0 || c == '_' || u >= 0x80;
    if (!is_letter && (starts_part || (std::isdigit(u) == 0 && c != '$'))) return false;
    starts_part = false;
  }
  return has_dot && !starts_part;
}

void check_custom_name(std::string_view name) {
  if (name.find('.') == std::string_view::npos) throw unknown(name);
  const std::string prefix = lower(name.substr(0, name.find('.')));
  SqlError error(sqlstate::invalid_name,
                 fmt::format("invalid configuration parameter name \"{}\"", name));
  if (prefix == "hnsw" || prefix == "ivfflat" || prefix == "plpgsql") {
    throw error.detail(fmt::format("\"{}\" is a reserved prefix.", prefix));
  }
  if (!is_custom_name(name)) {
    throw error.detail(
        "Custom parameter names must be two or more simple identifiers separated by dots.");
  }
}

}  // namespace

SessionSettings::SessionSettings(const SettingTable& table) : table_(table) {}

const SettingDefinition* SessionSettings::definition(std::string_view name) const {
  if (lower(name) == "time zone") name = "TimeZone";
  return table_.find(name);
}

void SessionSettings::set_start_value(std::string_view name, std::string_view value,
                                      bool is_superuser) {
  const SettingDefinition* d = definition(name);
  if (d == nullptr) {
    check_custom_name(name);
  } else if (d->context == SettingContext::superuser ||
             d->context == SettingContext::superuser_backend) {
    if (!is_superuser) check_settable(name, is_superuser);
  } else if (d->context != SettingContext::backend) {
    check_settable(name, is_superuser);
  }
  const std::string key = lower(d != nullptr ? d->name : name);
  entries_[key].start = d != nullptr ? check_setting(*d, value) : std::string(value);
  touched(key);
}

void SessionSettings::set_internal(std::string_view name, std::string value) {
  const std::string key = lower(name);
  entries_[key].start = std::move(value);
  entries_[key].session.reset();
  touched(key);
}

std::string SessionSettings::raw(std::string_view name) const {
  const SettingDefinition* d = definition(name);
  const auto found = entries_.find(lower(d != nullptr ? d->name : name));
  if (found != entries_.end()) {
    const Entry& entry = found->second;
    if (entry.local) return *entry.local;
    if (entry.session) return *entry.session;
    if (entry.start) return *entry.start;
  }
  return d != nullptr ? d->boot_value : std::string();
}

std::string SessionSettings::reset_value(std::string_view name) const {
  const SettingDefinition* d = definition(name);
  const auto found = entries_.find(lower(d != nullptr ? d->name : name));
  if (found != entries_.end() && found->second.start) return *found->second.start;
  return d != nullptr ? d->boot_value : std::string();
}

SettingSource SessionSettings::source(std::string_view name) const {
  const auto found = entries_.find(lower(name));
  if (found == entries_.end()) return SettingSource::boot;
  if (found->second.local || found->second.session) return SettingSource::session;
  return found->second.start ? SettingSource::startup : SettingSource::boot;
}

std::optional<std::string> SessionSettings::find(std::string_view name) const {
  const SettingDefinition* d = definition(name);
  if (d != nullptr) return format_setting(*d, raw(name));
  if (entries_.find(lower(name)) == entries_.end()) return std::nullopt;
  return raw(name);
}

std::string SessionSettings::show(std::string_view name) const {
  std::optional<std::string> value = find(name);
  if (!value) throw unknown(name);
  return std::move(*value);
}

std::int64_t SessionSettings::integer(std::string_view name) const {
  return std::atoll(raw(name).c_str());
}

bool SessionSettings::flag(std::string_view name) const {
  return raw(name) == "on";
}

void SessionSettings::check_settable(std::string_view name, bool is_superuser) const {
  const SettingDefinition* d = definition(name);
  if (d == nullptr) {
    check_custom_name(name);
    return;
  }
  switch (d->context) {
    case SettingContext::internal:
      throw unchangeable(d->name, "changed");
    case SettingContext::postmaster:
      throw unchangeable(d->name, "changed without restarting the server");
    case SettingContext::sighup:
      throw unchangeable(d->name, "changed now");
    case SettingContext::superuser_backend:
    case SettingContext::backend:
      throw unchangeable(d->name, "set after connection start");
    case SettingContext::superuser:
      if (is_superuser) return;
      throw SqlError(sqlstate::insufficient_privilege,
                     fmt::format("permission denied to set parameter \"{}\"", d->name));
    case SettingContext::user:
      return;
  }
}

SessionSettings::Entry& SessionSettings::change(const std::string& key) {
  Entry& entry = entries_[key];
  undo_.emplace_back(key, entry);
  touched(key);
  return entry;
}

void SessionSettings::touched(const std::string& key) {
  ++generation_;
  const SettingDefinition* d = table_.find(key);
  if (d != nullptr && d->is_reported) changed_reports_.insert(d->name);
}

void SessionSettings::set(std::string_view name, std::string_view value, bool is_local,
                          bool is_superuser) {
  check_settable(name, is_superuser);
  const SettingDefinition* d = definition(name);
  std::string checked = d != nullptr ? check_setting(*d, value) : std::string(value);
  Entry& entry = change(lower(d != nullptr ? d->name : name));
  if (is_local) {
    entry.local = std::move(checked);
  } else {
    entry.local.reset();
    entry.session = std::move(checked);
  }
}

void SessionSettings::reset(std::string_view name, bool is_local, bool is_superuser) {
  const SettingDefinition* d = definition(name);
  if (d == nullptr && entries_.find(lower(name)) == entries_.end()) {
    check_custom_name(name);
    throw unknown(name);
  }
  check_settable(name, is_superuser);
  std::string restored = reset_value(name);
  Entry& entry = change(lower(d != nullptr ? d->name : name));
  if (is_local) {
    entry.local.emplace(std::move(restored));
    return;
  }
  entry.local.reset();
  entry.session.reset();
}

void SessionSettings::reset_all() {
  std::vector<std::string> keys;
  for (const auto& [key, entry] : entries_) {
    if ((entry.session || entry.local) && key != "role" && key != "session_authorization") {
      keys.push_back(key);
    }
  }
  for (const std::string& key : keys) {
    Entry& entry = change(key);
    entry.local.reset();
    entry.session.reset();
  }
}

void SessionSettings::rollback_to(std::size_t mark) {
  while (undo_.size() > mark) {
    auto& [key, entry] = undo_.back();
    entries_[key] = std::move(entry);
    touched(key);
    undo_.pop_back();
  }
}

void SessionSettings::commit() {
  for (const auto& [key, before] : undo_) {
    Entry& entry = entries_[key];
    if (!entry.local) continue;
    entry.local.reset();
    touched(key);
  }
  undo_.clear();
}

void SessionSettings::fill(types::IoContext& io) const {
  io.time_zone = raw("TimeZone");
  read_date_style(raw("DateStyle"), io);
  io.extra_float_digits = static_cast<int>(integer("extra_float_digits"));
  io.bytea_output =
      raw("bytea_output") == "escape" ? types::ByteaOutput::escape : types::ByteaOutput::hex;
  const std::string style = raw("IntervalStyle");
  io.interval_style = style == "postgres_verbose" ? types::IntervalStyle::postgres_verbose
                      : style == "sql_standard"   ? types::IntervalStyle::sql_standard
                      : style == "iso_8601"       ? types::IntervalStyle::iso_8601
                                                  : types::IntervalStyle::postgres;
}

std::vector<std::pair<std::string, std::string>> SessionSettings::reported() const {
  std::vector<std::pair<std::string, std::string>> result;
  for (const SettingDefinition& d : table_.all()) {
    if (d.is_reported) result.emplace_back(d.name, format_setting(d, raw(d.name)));
  }
  return result;
}

std::vector<std::pair<std::string, std::string>> SessionSettings::take_reports() {
  std::vector<std::pair<std::string, std::string>> result;
  for (const std::string& name : changed_reports_) {
    std::string value = show(name);
    auto [sent, is_new] = sent_.try_emplace(name, value);
    if (!is_new && sent->second == value) continue;
    sent->second = value;
    result.emplace_back(name, std::move(value));
  }
  changed_reports_.clear();
  return result;
}

std::vector<std::string> SessionSettings::custom_names() const {
  std::vector<std::string> names;
  for (const auto& [key, entry] : entries_) {
    if (table_.find(key) == nullptr) names.push_back(key);
  }
  return names;
}

}  // namespace dvecdb::server::exec
