// One session's settings, and how transactions undo them. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/exec/settings/setting_table.h"
#include "server/types/type_io.h"

namespace dvecdb::server::exec {

enum class SettingSource : std::uint8_t { boot, startup, session };

class SessionSettings {
 public:
  // `table` must outlive this.
  explicit SessionSettings(const SettingTable& table);

  // The value that RESET goes back to (startup packet, role, database). Throws SqlError.
  void set_start_value(std::string_view name, std::string_view value, bool is_superuser);
  // What the server itself says (is_superuser, session_authorization): no checks.
  void set_internal(std::string_view name, std::string value);

  // As SHOW prints; nullopt for an unknown name.
  std::optional<std::string> find(std::string_view name) const;
  // Throws SqlError 42704 for an unknown name.
  std::string show(std::string_view name) const;
  // In base units; "" for an unknown name.
  std::string raw(std::string_view name) const;
  std::string reset_value(std::string_view name) const;
  SettingSource source(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  bool flag(std::string_view name) const;

  // Throws SqlError. `is_local`: until the transaction's end.
  void set(std::string_view name, std::string_view value, bool is_local, bool is_superuser);
  void reset(std::string_view name, bool is_local, bool is_superuser);
  void reset_all();
  // Checks that a setting may be changed by SET.
  void check_settable(std::string_view name, bool is_superuser) const;

  // Transactions.
  std::size_t mark() const { return undo_.size(); }
  void rollback_to(std::size_t mark);
  void commit();
  void rollback() { rollback_to(0); }

  // Values that text forms depend on; `types` and transaction_time are left alone.
  void fill(types::IoContext& io) const;
  // Counts every change.
  std::uint64_t generation() const { return generation_; }

  std::vector<std::pair<std::string, std::string>> reported() const;
  // Reported settings changed since the last call.
  std::vector<std::pair<std::string, std::string>> take_reports();

  const SettingTable& table() const { return table_; }
  // Names of custom (dotted) settings made by this session.
  std::vector<std::string> custom_names() const;

 private:
  struct Entry {
    std::optional<std::string> start;  // what RESET restores, when not the boot value
    std::optional<std::string> session;
    std::optional<std::string> local;
  };
  const SettingDefinition* definition(std::string_view name) const;
  Entry& change(const std::string& key);
  void touched(const std::string& key);

  const SettingTable& table_;
  std::map<std::string, Entry, std::less<>> entries_;  // by lower-case name
  std::vector<std::pair<std::string, Entry>> undo_;
  std::set<std::string> changed_reports_;
  std::map<std::string, std::string> sent_;
  std::uint64_t generation_ = 1;
};

}  // namespace dvecdb::server::exec
