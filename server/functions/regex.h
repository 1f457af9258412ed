// PostgreSQL's advanced regular expressions on PCRE2.
//
// A pattern is translated: escapes, brackets, bounds and embedded options are read as PostgreSQL
// reads them, so PCRE2's own extensions never show through. Where several matches start at one
// place, PCRE2 takes the first alternative that fits, PostgreSQL the longest: find_first() looks
// for the longest when the pattern has alternatives and nothing non-greedy.
//
// Matching is bounded in steps and memory; a pattern that exceeds them is refused (2201B).
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dvecdb::server::functions {

struct RegexFlags {
  bool ignore_case = false;
  bool global = false;            // 'g': for the callers that know it
  bool literal = false;           // 'q'
  bool expanded = false;          // 'x'
  bool dot_stops = false;         // '.' and [^x] do not match a newline
  bool anchors_at_lines = false;  // '^' and '$' match at lines
};

// Throws SqlError (22023) for an unknown letter.
RegexFlags parse_regex_flags(std::string_view letters);

// Byte offsets; begin == npos: the group took no part.
struct RegexSpan {
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  std::size_t begin = npos;
  std::size_t end = npos;

  bool is_set() const { return begin != npos; }
  std::string_view of(std::string_view text) const { return text.substr(begin, end - begin); }
};

// Immutable once compiled, but for one thread: it holds scratch memory.
class Regex {
 public:
  // Throws SqlError (2201B). The last patterns of the thread are kept compiled.
  static std::shared_ptr<Regex> compile(std::string_view pattern, const RegexFlags& flags);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  std::size_t group_count() const { return group_count_; }
  // Group 0 is the whole match. nullopt: no match at or after `start`.
  std::optional<std::vector<RegexSpan>> find_first(std::string_view text, std::size_t start);
  bool matches(std::string_view text);

 private:
  Regex() = default;
  // Extends a match to the longest that starts where it does.
  void lengthen(std::string_view text, std::vector<RegexSpan>& groups);

  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
  std::size_t group_count_ = 0;
  bool prefers_longest_ = false;
};

}  // namespace dvecdb::server::functions
