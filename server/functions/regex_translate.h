// PostgreSQL's regular expression syntax as PCRE2's. Internal to regex.cpp.
#pragma once

#include <string>
#include <string_view>

#include "server/functions/regex.h"
#include "server/types/error.h"

namespace dvecdb::server::functions {

struct TranslatedRegex {
  std::string pattern;
  RegexFlags flags;  // with the options that the pattern embeds
  bool has_alternatives = false;
  bool has_lazy = false;
};

// Throws SqlError (2201B).
TranslatedRegex translate_regex(std::string_view pattern, RegexFlags flags);

types::SqlError invalid_regex(std::string_view reason);

}  // namespace dvecdb::server::functions
