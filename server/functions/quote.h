// Names and texts as SQL writes them.
#pragma once

#include <string>
#include <string_view>

namespace dvecdb::server::functions {

// `text` as an identifier, in quotes when it needs them.
std::string quote_identifier(std::string_view text);
std::string quote_literal(std::string_view text);

}  // namespace dvecdb::server::functions
