#include "server/types/array_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace dvecdb::server::types {
namespace {

constexpr std::size_t max_dimensions = 6;

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_null_word(std::string_view word) {
  constexpr std::string_view null_word = "null";
  return word.size() == null_word.size() &&
         std::equal(word.begin(), word.end(), null_word.begin(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

class ArrayParser {
 public:
  ArrayParser(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}

  ArrayText parse() {
    skip_blanks();
    parse_bounds();
    bool has_bounds = !array_.dimensions.empty();
    if (at_ == text_.size() || text_[at_] != '{') {
      throw malformed(has_bounds ? "Array contents must start with \"{\"."
                                 : "Array value must start with \"{\" or dimension information.");
    }
    std::vector<ArrayDimension> declared = std::move(array_.dimensions);
    array_.dimensions.clear();
    parse_contents();
    skip_blanks();
    if (at_ != text_.size()) throw malformed("Junk after closing right brace.");
    if (has_bounds) apply_bounds(declared);
    return std::move(array_);
  }

 private:
  SqlError malformed(std::string detail) const {
    return SqlError(sqlstate::invalid_text_representation,
                    fmt::format("malformed array literal: \"{}\"", text_))
        .detail(std::move(detail));
  }
  SqlError unexpected(char c) const {
    return malformed(fmt::format("Unexpected \"{}\" character.", c));
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  std::int32_t read_bound() {
    std::size_t digits = at_ < text_.size() && text_[at_] == '+' ? at_ + 1 : at_;
    std::int32_t bound = 0;
    auto [stop, error] = std::from_chars(text_.data() + digits, text_.data() + text_.size(), bound);
    if (error == std::errc::result_out_of_range) {
      throw SqlError(sqlstate::invalid_text_representation, "array bound is out of integer range");
    }
    if (error != std::errc())
      throw malformed(
          "\"[\" must introduce explicitly-specified array "
          "dimensions.");
    at_ = static_cast<std::size_t>(stop - text_.data());
    return bound;
  }

  // "[2][-1:3]="; leaves the dimensions in array_.
  void parse_bounds() {
    while (at_ < text_.size() && text_[at_] == '[') {
      if (array_.dimensions.size() == max_dimensions) {
        throw too_many_dimensions(static_cast<std::int64_t>(max_dimensions) + 1);
      }
      ++at_;
      std::int64_t lower = 1;
      std::int64_t upper = read_bound();
      if (at_ < text_.size() && text_[at_] == ':') {
        ++at_;
        lower = upper;
        upper = read_bound();
      }
      if (at_ == text_.size() || text_[at_] != ']') {
        throw malformed("Missing \"]\" after array dimensions.");
      }
      ++at_;
      if (upper < lower) {
        throw SqlError(sqlstate::array_subscript_error,
                       "upper bound cannot be less than lower bound");
      }
      if (upper - lower >= std::numeric_limits<std::int32_t>::max()) {
        throw SqlError(sqlstate::program_limit_exceeded,
                       "array size exceeds the maximum allowed (134217727)");
      }
      array_.dimensions.push_back(
          {static_cast<std::int32_t>(upper - lower + 1), static_cast<std::int32_t>(lower)});
      skip_blanks();
    }
    if (array_.dimensions.empty()) return;
    if (at_ == text_.size() || text_[at_] != '=') {
      throw malformed("Missing \"=\" after array dimensions.");
    }
    ++at_;
    skip_blanks();
  }

  void apply_bounds(const std::vector<ArrayDimension>& declared) {
    bool fits = declared.size() == array_.dimensions.size();
    for (std::size_t i = 0; fits && i < declared.size(); ++i) {
      fits = declared[i].length == array_.dimensions[i].length;
    }
    if (!fits) throw malformed("Specified array dimensions do not match array contents.");
    array_.dimensions = declared;
  }

  // One pass with an explicit stack of element counts, so that depth costs no recursion.
  void parse_contents() {
    std::vector<std::int32_t> counts;  // elements so far in each open brace
    bool expect_item = true;           // after "{" or the delimiter
    bool after_delimiter = false;
    do {
      skip_blanks();
      if (at_ == text_.size()) throw malformed("Unexpected end of input.");
      char c = text_[at_];
      if (c == '{') {
        if (!expect_item) throw unexpected(c);
        if (counts.size() == max_dimensions) {
          throw too_many_dimensions(static_cast<std::int64_t>(counts.size()) + 1);
        }
        if (leaf_depth_ != 0 && counts.size() >= leaf_depth_) throw unexpected(c);
        if (!counts.empty()) ++counts.back();
        counts.push_back(0);
        ++at_;
        expect_item = true;
        after_delimiter = false;
        continue;
      }
      if (c == '}') {
        bool is_empty_array = counts.size() == 1 && counts.back() == 0 && !after_delimiter;
        if (expect_item && !is_empty_array) throw unexpected(c);
        close_brace(counts);
        ++at_;
        expect_item = false;
        continue;
      }
      if (c == delimiter_) {
        if (expect_item) throw unexpected(c);
        ++at_;
        expect_item = true;
        after_delimiter = true;
        continue;
      }
      if (!expect_item) throw malformed("Unexpected array element.");
      if (leaf_depth_ == 0) leaf_depth_ = counts.size();
      if (counts.size() != leaf_depth_) throw malformed("Unexpected array element.");
      parse_item();
      ++counts.back();
      expect_item = false;
      after_delimiter = false;
    } while (!counts.empty());
    if (array_.items.empty()) array_.dimensions.clear();
  }

  // The dimension at a depth takes its length from the first brace that closes there.
  void close_brace(std::vector<std::int32_t>& counts) {
    std::size_t depth = counts.size();
    std::int32_t count = counts.back();
    counts.pop_back();
    if (array_.dimensions.size() < depth) array_.dimensions.resize(depth, {-1, 1});
    ArrayDimension& dimension = array_.dimensions[depth - 1];
    if (dimension.length == -1) dimension.length = count;
    if (dimension.length != count) {
      throw malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
    }
  }

  void parse_item() {
    if (text_[at_] == '"') return parse_quoted();
    std::string item;
    std::size_t kept = 0;  // trailing blanks that are not escaped do not count
    bool has_escape = false;
    for (; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == '\\') {
        if (++at_ == text_.size()) throw malformed("Unexpected end of input.");
        item.push_back(text_[at_]);
        kept = item.size();
        has_escape = true;
        continue;
      }
      if (c == delimiter_ || c == '}') break;
      if (c == '{') throw unexpected(c);
      if (c == '"') throw malformed("Unexpected array element.");
      item.push_back(c);
      if (!is_blank(c)) kept = item.size();
    }
    if (at_ == text_.size()) throw malformed("Unexpected end of input.");
    item.resize(kept);
    if (!has_escape && is_null_word(item)) {
      array_.items.emplace_back();
    } else {
      array_.items.emplace_back(std::move(item));
    }
  }

  void parse_quoted() {
    std::string item;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && ++at_ == text_.size()) break;
      item.push_back(text_[at_]);
    }
    if (at_ == text_.size()) throw malformed("Unexpected end of input.");
    ++at_;
    array_.items.emplace_back(std::move(item));
  }

  std::string_view text_;
  char delimiter_;
  std::size_t at_ = 0;
  std::size_t leaf_depth_ = 0;  // braces around an element; 0: none seen yet
  ArrayText array_;
};

bool needs_quotes(std::string_view item, char delimiter) {
  if (item.empty() || is_null_word(item)) return true;
  return std::any_of(item.begin(), item.end(), [delimiter](char c) {
    return c == '"' || c == '\\' || c == '{' || c == '}' || c == delimiter || is_blank(c);
  });
}

void append_item(const std::optional<std::string>& item, char delimiter, std::string& out) {
  if (!item) {
    out += "NULL";
    return;
  }
  if (!needs_quotes(*item, delimiter)) {
    out += *item;
    return;
  }
  out.push_back('"');
  for (char c : *item) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

}  // namespace

ArrayText parse_array_text(std::string_view text, char delimiter) {
  return ArrayParser(text, delimiter).parse();
}

void format_array_text(const ArrayText& array, char delimiter, std::string& out) {
  if (array.items.empty()) {
    out += "{}";
    return;
  }
  bool has_bounds = std::any_of(array.dimensions.begin(), array.dimensions.end(),
                                [](const ArrayDimension& d) { return d.lower_bound != 1; });
  for (const ArrayDimension& d : array.dimensions) {
    if (!has_bounds) break;
    out += fmt::format("[{}:{}]", d.lower_bound, std::int64_t{d.lower_bound} + d.length - 1);
  }
  if (has_bounds) out.push_back('=');
  for (std::size_t i = 0; i < array.items.size(); ++i) {
    // Braces open and close where the index is a multiple of the inner dimensions' size.
    std::size_t block = 1;
    std::size_t opened = 0;
    for (auto d = array.dimensions.rbegin(); d != array.dimensions.rend(); ++d) {
      block *= static_cast<std::size_t>(d->length);
      if (i % block == 0) ++opened;
    }
    if (i > 0) {
      out.append(opened, '}');
      out.push_back(delimiter);
    }
    out.append(opened, '{');
    append_item(array.items[i], delimiter, out);
  }
  out.append(array.dimensions.size(), '}');
}

SqlError too_many_dimensions(std::int64_t dimensions) {
  return SqlError(sqlstate::program_limit_exceeded,
                  fmt::format("number of array dimensions ({}) exceeds the maximum allowed ({})",
                              dimensions, max_dimensions));
}

void append_sort_item(const IoContext& context, Oid type, const Value& value, std::string& key) {
  constexpr char present = 1;
  constexpr char null_marker = 2;
  if (value.is_null()) {
    key.push_back(null_marker);
    return;
  }
  key.push_back(present);
  // 0 becomes 0 255 and the item ends by 0 0, which sorts before every continuation.
  for (char c : sort_key(context, type, value)) {
    key.push_back(c);
    if (c == '\0') key.push_back('\xff');
  }
  key.append(2, '\0');
}

}  // namespace dvecdb::server::types
