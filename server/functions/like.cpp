#include "server/functions/like.h"

#include <algorithm>

#include "server/types/error.h"
#include "server/types/utf8.h"

namespace dvecdb::server::functions {
namespace {

using types::SqlError;
namespace sqlstate = types::sqlstate;

[[noreturn]] void throw_trailing_escape() {
  throw SqlError(sqlstate::invalid_escape_sequence,
                 "LIKE pattern must not end with escape character");
}

// Bytes of one escape character, "" for none.
void check_escape(std::string_view escape) {
  if (escape.empty() || escape.size() == types::utf8_width(escape[0])) return;
  throw SqlError(sqlstate::invalid_escape_sequence, "invalid escape string")
      .hint("Escape string must be empty or one character.");
}

}  // namespace

// Greedy with one point to come back to: the last "%" is the only one that can still grow, so the
// time is at most the product of the lengths.
bool like_matches(std::string_view text, std::string_view pattern, bool by_bytes) {
  auto width = [by_bytes](char c) { return by_bytes ? 1 : types::utf8_width(c); };
  std::size_t t = 0;
  std::size_t p = 0;
  std::size_t resume_text = 0;
  std::size_t resume_pattern = std::string_view::npos;
  while (t < text.size()) {
    bool fits = false;
    if (p < pattern.size() && pattern[p] == '%') {
      resume_pattern = ++p;
      resume_text = t;
      continue;
    }
    if (p < pattern.size() && pattern[p] == '_') {
      t = std::min(t + width(text[t]), text.size());
      ++p;
      continue;
    }
    if (p < pattern.size()) {
      bool is_escape = pattern[p] == '\\';
      if (is_escape && p + 1 == pattern.size()) throw_trailing_escape();
      std::size_t literal = is_escape ? p + 1 : p;
      fits = pattern[literal] == text[t];
      if (fits) {
        p = literal + 1;
        ++t;
      }
    }
    if (fits) continue;
    if (resume_pattern == std::string_view::npos) return false;
    resume_text = std::min(resume_text + width(text[resume_text]), text.size());
    t = resume_text;
    p = resume_pattern;
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

std::string like_with_escape(std::string_view pattern, std::string_view escape) {
  check_escape(escape);
  std::string out;
  bool after_escape = false;
  for (std::size_t at = 0; at < pattern.size();) {
    std::string_view c = pattern.substr(at, types::utf8_width(pattern[at]));
    at += c.size();
    if (!escape.empty() && c == escape && !after_escape) {
      out.push_back('\\');
      after_escape = true;
      continue;
    }
    if (c == "\\" && escape != "\\" && !after_escape) out.push_back('\\');
    out += c;
    after_escape = false;
  }
  return out;
}

std::string similar_to_regex(std::string_view pattern, std::optional<std::string_view> escape) {
  std::string_view marker = escape.value_or("\\");
  check_escape(marker);
  std::string out = "^(?:";
  bool after_escape = false;
  bool in_brackets = false;
  bool at_bracket_start = false;
  int separators = 0;
  for (std::size_t at = 0; at < pattern.size();) {
    std::string_view c = pattern.substr(at, types::utf8_width(pattern[at]));
    at += c.size();
    if (after_escape) {
      if (c == "\"" && !in_brackets) {
        // escape-double-quote splits the pattern into before, middle and after.
        if (separators == 0) {
          out += "){1,1}?(";
        } else if (separators == 1) {
          out += "){1,1}(?:";
        } else {
          throw SqlError("2200C",
                         "SQL regular expression may not contain more than two "
                         "escape-double-quote separators");
        }
        ++separators;
      } else {
        out.push_back('\\');
        out += c;
      }
      after_escape = false;
    } else if (!marker.empty() && c == marker) {
      after_escape = true;
    } else if (in_brackets) {
      if (c == "\\") out.push_back('\\');
      out += c;
      if (c == "]" && !at_bracket_start) in_brackets = false;
      at_bracket_start = at_bracket_start && c == "^";
    } else if (c == "[") {
      out += c;
      in_brackets = true;
      at_bracket_start = true;
    } else if (c == "%") {
      out += ".*";
    } else if (c == "_") {
      out.push_back('.');
    } else if (c == "(") {
      out += "(?:";
    } else {
      if (c == "\\" || c == "." || c == "^" || c == "$") out.push_back('\\');
      out += c;
    }
  }
  return out + ")$";
}

}  // namespace dvecdb::server::functions
