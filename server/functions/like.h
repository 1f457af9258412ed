// LIKE and SIMILAR TO patterns. Pure and thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace dvecdb::server::functions {

// '%' any text, '_' one character (or byte), '\' takes the next character as it is.
// Throws SqlError (22025) for a pattern that ends in a backslash.
bool like_matches(std::string_view text, std::string_view pattern, bool by_bytes = false);
// The pattern with the backslash in place of `escape` ("" for none). Throws SqlError (22025).
std::string like_with_escape(std::string_view pattern, std::string_view escape);
// A SIMILAR TO pattern as a regular expression. Throws SqlError (22025, 2200C).
std::string similar_to_regex(std::string_view pattern, std::optional<std::string_view> escape);

// Letter case of UTF-8 text.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
std::string to_title(std::string_view text);

}  // namespace dvecdb::server::functions
