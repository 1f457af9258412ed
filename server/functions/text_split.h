// Splitting of text, for string_to_array and string_to_table. Internal to the text family.
#pragma once

#include <span>
#include <vector>

#include "server/types/value.h"

namespace dvecdb::server::functions {

// Arguments: text, separator (NULL: every character by itself), optionally the text that stands
// for NULL. The parts borrow from the first argument.
std::vector<types::Value> split_text(std::span<const types::Value> args);

}  // namespace dvecdb::server::functions
