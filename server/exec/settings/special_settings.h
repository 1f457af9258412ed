// Settings whose text has a grammar of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/exec/settings/setting_table.h"
#include "server/types/type_io.h"

namespace dvecdb::server::exec {

// The canonical text of a string setting; throws SqlError (22023, 0A000).
std::string check_special_setting(const SettingDefinition& definition, std::string_view value);

// "a, \"B c\"" -> a, B c. Throws SqlError (22023) naming `setting` for a bad list.
std::vector<std::string> split_identifier_list(std::string_view setting, std::string_view text);

void read_date_style(std::string_view text, types::IoContext& io);

// True for settings whose SET takes a list, and for those whose items print as identifiers.
bool is_list_setting(std::string_view name);
bool is_quoted_list_setting(std::string_view name);

}  // namespace dvecdb::server::exec
