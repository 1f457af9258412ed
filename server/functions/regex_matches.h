// Walks over the matches of a pattern. Internal to the regular expression functions and sets.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "server/functions/regex.h"
#include "server/types/value.h"

namespace dvecdb::server::functions {

// The matches in order; after an empty one the search goes on a character later.
class RegexMatches {
 public:
  // Borrows `text`.
  RegexMatches(std::shared_ptr<Regex> regex, std::string_view text, std::size_t start = 0)
      : regex_(std::move(regex)), text_(text), next_(start) {}

  // Groups of the next match, 0 the whole; nullopt at the end.
  std::optional<std::vector<RegexSpan>> next();

 private:
  std::shared_ptr<Regex> regex_;
  std::string_view text_;
  std::size_t next_;  // npos: at the end
};

// The groups of a match as text[] (the whole match when there are none).
types::Value groups_array(std::string_view text, const std::vector<RegexSpan>& groups);
// The parts of `text` between the matches; empty matches at the ends do not count.
std::vector<types::Value> split_at_matches(std::shared_ptr<Regex> regex, std::string_view text);
// Flags that must not ask for "g". Throws SqlError (22023).
RegexFlags flags_without_global(std::string_view letters, std::string_view function,
                                std::string_view hint = {});

}  // namespace dvecdb::server::functions
