#include "server/functions/regex_matches.h"

#include <fmt/format.h>

#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/utf8.h"

namespace dvecdb::server::functions {

std::optional<std::vector<RegexSpan>> RegexMatches::next() {
  if (next_ > text_.size()) return std::nullopt;
  auto groups = regex_->find_first(text_, next_);
  if (!groups) {
    next_ = RegexSpan::npos;
    return std::nullopt;
  }
  next_ = groups->front().end;
  if (groups->front().begin == next_) {
    next_ += next_ < text_.size() ? types::utf8_width(text_[next_]) : 1;
  }
  return groups;
}

types::Value groups_array(std::string_view text, const std::vector<RegexSpan>& groups) {
  std::vector<types::Value> items;
  for (std::size_t i = groups.size() > 1 ? 1 : 0; i < groups.size(); ++i) {
    items.push_back(groups[i].is_set() ? types::Value::text_view(groups[i].of(text))
                                       : types::Value::null());
  }
  return types::encode_array(types::make_array(types::oids::text, std::move(items)));
}

std::vector<types::Value> split_at_matches(std::shared_ptr<Regex> regex, std::string_view text) {
  std::vector<types::Value> parts;
  RegexMatches matches(std::move(regex), text);
  std::size_t begin = 0;
  while (auto groups = matches.next()) {
    const RegexSpan& match = groups->front();
    bool is_degenerate = match.begin >= text.size() || match.end <= begin;
    if (is_degenerate) continue;
    parts.push_back(types::Value::text_view(text.substr(begin, match.begin - begin)));
    begin = match.end;
  }
  parts.push_back(types::Value::text_view(text.substr(begin)));
  return parts;
}

RegexFlags flags_without_global(std::string_view letters, std::string_view function,
                                std::string_view hint) {
  RegexFlags flags = parse_regex_flags(letters);
  if (flags.global) {
    throw types::SqlError(types::sqlstate::invalid_parameter_value,
                          fmt::format("{}() does not support the \"global\" option", function))
        .hint(std::string(hint));
  }
  return flags;
}

}  // namespace dvecdb::server::functions
