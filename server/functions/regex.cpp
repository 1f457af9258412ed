#include "server/functions/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <fmt/format.h>
#include <pcre2.h>

#include <algorithm>
#include <list>
#include <string>
#include <tuple>

#include "server/functions/regex_translate.h"
#include "server/types/error.h"
#include "server/types/utf8.h"

namespace dvecdb::server::functions {
namespace {

constexpr std::uint32_t match_limit = 3000000;  // backtracking points
constexpr std::uint32_t heap_limit_kib = 64 * 1024;
constexpr std::size_t max_pattern_bytes = 1 << 20;
constexpr std::size_t cached_patterns = 32;

template <auto release>
struct Releaser {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};

std::string_view reason_of(int code) {
  switch (code) {
    case PCRE2_ERROR_MISSING_SQUARE_BRACKET:
      return "brackets [] not balanced";
    case PCRE2_ERROR_CLASS_RANGE_ORDER:
    case PCRE2_ERROR_CLASS_INVALID_RANGE:
      return "invalid character range";
    case PCRE2_ERROR_QUANTIFIER_INVALID:
      return "quantifier operand invalid";
    case PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS:
    case PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS:
      return "parentheses () not balanced";
    case PCRE2_ERROR_UNKNOWN_POSIX_CLASS:
      return "invalid character class";
    case PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE:
      return "invalid backreference number";
    case PCRE2_ERROR_LOOKBEHIND_NOT_FIXED_LENGTH:
      return "lookbehind of variable length is not supported";
    case PCRE2_ERROR_QUANTIFIER_OUT_OF_ORDER:
    case PCRE2_ERROR_QUANTIFIER_TOO_BIG:
      return "invalid repetition count(s)";
    default:
      return "regular expression is too complex";
  }
}

types::SqlError too_complex() {
  return types::SqlError(types::sqlstate::invalid_regular_expression,
                         "regular expression failed: regular expression is too complex");
}

PCRE2_SPTR units(std::string_view text) {
  return reinterpret_cast<PCRE2_SPTR>(text.data());
}

}  // namespace

struct Regex::Compiled {
  std::unique_ptr<pcre2_code, Releaser<pcre2_code_free>> code;
  std::unique_ptr<pcre2_match_data, Releaser<pcre2_match_data_free>> match;
  std::unique_ptr<pcre2_match_context, Releaser<pcre2_match_context_free>> limits;
};

Regex::~Regex() = default;

namespace {

using CacheKey = std::tuple<std::string, bool, bool, bool, bool, bool>;

CacheKey key_of(std::string_view pattern, const RegexFlags& flags) {
  return {std::string(pattern), flags.ignore_case, flags.literal,
          flags.expanded,       flags.dot_stops,   flags.anchors_at_lines};
}

}  // namespace

std::shared_ptr<Regex> Regex::compile(std::string_view pattern, const RegexFlags& flags) {
  thread_local std::list<std::pair<CacheKey, std::shared_ptr<Regex>>> cache;
  CacheKey key = key_of(pattern, flags);
  auto known = std::find_if(cache.begin(), cache.end(),
                            [&](const auto& entry) { return entry.first == key; });
  if (known != cache.end()) {
    cache.splice(cache.begin(), cache, known);
    return cache.front().second;
  }
  if (pattern.size() > max_pattern_bytes) {
    throw invalid_regex("regular expression is too complex");
  }
  TranslatedRegex translated = translate_regex(pattern, flags);
  std::uint32_t options =
      PCRE2_UTF | PCRE2_UCP | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C;
  if (translated.flags.ignore_case) options |= PCRE2_CASELESS;
  int error = 0;
  PCRE2_SIZE offset = 0;
  auto compiled = std::make_unique<Compiled>();
  compiled->code.reset(pcre2_compile(units(translated.pattern), translated.pattern.size(), options,
                                     &error, &offset, nullptr));
  if (!compiled->code) throw invalid_regex(reason_of(error));
  compiled->match.reset(pcre2_match_data_create_from_pattern(compiled->code.get(), nullptr));
  compiled->limits.reset(pcre2_match_context_create(nullptr));
  if (!compiled->match || !compiled->limits) throw std::bad_alloc();
  pcre2_set_match_limit(compiled->limits.get(), match_limit);
  pcre2_set_depth_limit(compiled->limits.get(), match_limit);
  pcre2_set_heap_limit(compiled->limits.get(), heap_limit_kib);
  std::shared_ptr<Regex> regex(new Regex);
  std::uint32_t captures = 0;
  pcre2_pattern_info(compiled->code.get(), PCRE2_INFO_CAPTURECOUNT, &captures);
  regex->group_count_ = captures;
  regex->prefers_longest_ = translated.has_alternatives && !translated.has_lazy;
  regex->compiled_ = std::move(compiled);
  cache.emplace_front(std::move(key), regex);
  if (cache.size() > cached_patterns) cache.pop_back();
  return regex;
}

std::optional<std::vector<RegexSpan>> Regex::find_first(std::string_view text, std::size_t start) {
  // The text was checked when it became a value, but a regular expression must not trust that.
  std::uint32_t options = start > 0 ? PCRE2_NO_UTF_CHECK : 0;
  int found = pcre2_match(compiled_->code.get(), units(text), text.size(), start, options,
                          compiled_->match.get(), compiled_->limits.get());
  if (found == PCRE2_ERROR_NOMATCH) return std::nullopt;
  if (found < PCRE2_ERROR_PARTIAL && found >= PCRE2_ERROR_UTF8_ERR21) types::check_utf8(text);
  if (found < 0) throw too_complex();
  const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(compiled_->match.get());
  std::vector<RegexSpan> groups(group_count_ + 1);
  for (std::size_t i = 0; i < groups.size() && i < static_cast<std::size_t>(found); ++i) {
    if (offsets[2 * i] != PCRE2_UNSET) groups[i] = {offsets[2 * i], offsets[2 * i + 1]};
  }
  if (prefers_longest_) lengthen(text, groups);
  return groups;
}

// The DFA matcher finds the longest match but no groups. Where it finds a longer one, the ordinary
// matcher is asked for a match that ends there.
void Regex::lengthen(std::string_view text, std::vector<RegexSpan>& groups) {
  constexpr std::size_t workspace_size = 4096;
  int workspace[workspace_size];
  int found = pcre2_dfa_match(compiled_->code.get(), units(text), text.size(), groups[0].begin,
                              PCRE2_ANCHORED | PCRE2_NO_UTF_CHECK, compiled_->match.get(),
                              compiled_->limits.get(), workspace, workspace_size);
  // Back references and very wide patterns are beyond it; what there is then stands.
  if (found < 0) return;
  std::size_t end = pcre2_get_ovector_pointer(compiled_->match.get())[1];
  if (end <= groups[0].end) return;
  groups[0].end = end;
  if (group_count_ == 0) return;
  found = pcre2_match(compiled_->code.get(), units(text), end, groups[0].begin,
                      PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NO_UTF_CHECK,
                      compiled_->match.get(), compiled_->limits.get());
  if (found < 0) return;
  const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(compiled_->match.get());
  for (std::size_t i = 1; i < groups.size(); ++i) {
    bool is_set = i < static_cast<std::size_t>(found) && offsets[2 * i] != PCRE2_UNSET;
    groups[i] = is_set ? RegexSpan{offsets[2 * i], offsets[2 * i + 1]} : RegexSpan{};
  }
}

bool Regex::matches(std::string_view text) {
  bool prefers_longest = prefers_longest_;
  prefers_longest_ = false;
  auto found = find_first(text, 0);
  prefers_longest_ = prefers_longest;
  return found.has_value();
}

RegexFlags parse_regex_flags(std::string_view letters) {
  RegexFlags flags;
  for (std::size_t i = 0; i < letters.size(); ++i) {
    switch (letters[i]) {
      case 'g':
        flags.global = true;
        break;
      case 'i':
        flags.ignore_case = true;
        break;
      case 'c':
        flags.ignore_case = false;
        break;
      case 'q':
        flags.literal = true;
        break;
      case 'x':
        flags.expanded = true;
        break;
      case 't':
        flags.expanded = false;
        break;
      case 's':
        flags.dot_stops = flags.anchors_at_lines = false;
        break;
      case 'm':
      case 'n':
        flags.dot_stops = flags.anchors_at_lines = true;
        break;
      case 'p':
        flags.dot_stops = true;
        flags.anchors_at_lines = false;
        break;
      case 'w':
        flags.dot_stops = false;
        flags.anchors_at_lines = true;
        break;
      case 'b':
      case 'e':
        break;
      default:
        throw types::SqlError(types::sqlstate::invalid_parameter_value,
                              fmt::format("invalid regular expression option: \"{}\"",
                                          letters.substr(i, types::utf8_width(letters[i]))));
    }
  }
  return flags;
}

}  // namespace dvecdb::server::functions
