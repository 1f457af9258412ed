#include "server/functions/number_picture.h"

#include <string>

#include "server/types/error.h"
#include "server/types/scan.h"

namespace dvecdb::server::functions {

namespace {

enum class Part {
  nine,
  zero,
  point,
  b,
  c,
  group,
  currency,
  fill,
  minus,
  plus,
  bracket,
  roman,
  sign,
  spell,
  s,
  ordinal,
  v,
  scientific,
  comma
};

struct Keyword {
  std::string_view name;
  Part part;
};

// Longer words first among those with the same start.
constexpr Keyword keywords[] = {
    {"9", Part::nine},   {"0", Part::zero},     {".", Part::point},    {",", Part::comma},
    {"B", Part::b},      {"C", Part::c},        {"D", Part::point},    {"EEEE", Part::scientific},
    {"FM", Part::fill},  {"G", Part::group},    {"L", Part::currency}, {"MI", Part::minus},
    {"PL", Part::plus},  {"PR", Part::bracket}, {"RN", Part::roman},   {"SG", Part::sign},
    {"SP", Part::spell}, {"S", Part::s},        {"TH", Part::ordinal}, {"V", Part::v},
};

[[noreturn]] void refuse(std::string message) {
  throw types::SqlError(types::sqlstate::syntax_error, std::move(message));
}

class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  NumberPicture run() {
    while (!rest_.empty()) {
      if (const Keyword* keyword = find()) {
        const bool lower = types::is_alpha(rest_[0]) && rest_[0] != keyword->name[0];
        rest_.remove_prefix(keyword->name.size());
        check_scientific(keyword->part);
        take(keyword->part, lower);
      } else if (rest_[0] == '"') {
        read_quoted();
      } else {
        if (rest_[0] == '\\' && rest_.size() > 1 && rest_[1] == '"') rest_.remove_prefix(1);
        add_literal();
      }
    }
    return std::move(p_);
  }

 private:
  const Keyword* find() const {
    for (const Keyword& keyword : keywords) {
      const std::string_view start = rest_.substr(0, keyword.name.size());
      if (start == keyword.name || start == types::to_lower(keyword.name)) return &keyword;
    }
    return nullptr;
  }

  void add(NumberKey key, bool lower = false) { p_.nodes.push_back({key, lower, {}}); }

  void add_literal() {
    std::size_t length = 1;
    while (length < rest_.size() && (rest_[length] & '\xC0') == '\x80') ++length;
    p_.nodes.push_back({NumberKey::literal, false, rest_.substr(0, length)});
    rest_.remove_prefix(length);
  }

  void read_quoted() {
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_[0] != '"') {
      if (rest_[0] == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      add_literal();
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
  }

  void check_scientific(Part part) const {
    if (p_.is_scientific && part != Part::scientific) {
      refuse("\"EEEE\" must be the last pattern used");
    }
  }

  void take(Part part, bool lower) {
    switch (part) {
      case Part::nine:
        return digit(NumberKey::nine);
      case Part::zero:
        return digit(NumberKey::zero);
      case Part::point:
        return point();
      case Part::comma:
        return add(NumberKey::comma);
      case Part::group:
        return add(NumberKey::group);
      case Part::currency:
        return add(NumberKey::currency);
      case Part::ordinal:
        return add(NumberKey::ordinal, lower);
      case Part::roman:
        p_.is_roman = true;
        return add(NumberKey::roman, lower);
      case Part::fill:
        p_.fill = true;
        return;
      case Part::v:
        if (p_.has_point) refuse("cannot use \"V\" and decimal point together");
        p_.is_shifted = true;
        return;
      case Part::scientific:
        return scientific();
      case Part::b:
      case Part::c:
      case Part::spell:
        return;
      default:
        return sign(part);
    }
  }

  void digit(NumberKey key) {
    const bool is_zero = key == NumberKey::zero;
    if (p_.bracket) refuse(std::string(is_zero ? "\"0\"" : "\"9\"") + " must be ahead of \"PR\"");
    add(key);
    if (!is_zero && p_.is_shifted) {
      ++p_.shift;
      return;
    }
    if (is_zero && p_.zero_start == 0 && !p_.has_point) p_.zero_start = p_.before + 1;
    ++(p_.has_point ? p_.after : p_.before);
    if (is_zero) p_.zero_end = p_.before + p_.after;
  }

  void point() {
    if (p_.has_point) refuse("multiple decimal points");
    if (p_.is_shifted) refuse("cannot use \"V\" and decimal point together");
    p_.has_point = true;
    add(NumberKey::point);
  }

  void scientific() {
    if (p_.is_scientific) refuse("cannot use \"EEEE\" twice");
    const bool is_plain = p_.zero_start == 0 && !p_.fill && !p_.bracket && !p_.minus && !p_.plus &&
                          p_.anchor == NumberPicture::Anchor::none && !p_.is_shifted &&
                          !p_.is_roman;
    if (!is_plain) {
      throw types::SqlError(types::sqlstate::syntax_error,
                            "\"EEEE\" is incompatible with other formats")
          .detail("\"EEEE\" may only be used together with digit and decimal point patterns.");
    }
    p_.is_scientific = true;
  }

  void sign(Part part) {
    const bool has_anchor = p_.anchor != NumberPicture::Anchor::none;
    switch (part) {
      case Part::s:
        if (has_anchor) refuse("cannot use \"S\" twice");
        if (p_.plus || p_.minus || p_.bracket) {
          refuse("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
        }
        p_.anchor = p_.has_point ? NumberPicture::Anchor::after : NumberPicture::Anchor::before;
        p_.anchor_digits = p_.before;
        return add(NumberKey::silent);
      case Part::minus:
        if (has_anchor) refuse("cannot use \"S\" and \"MI\" together");
        p_.minus = true;
        return add(NumberKey::minus);
      case Part::plus:
        if (has_anchor) refuse("cannot use \"S\" and \"PL\" together");
        p_.plus = true;
        return add(NumberKey::plus);
      case Part::sign:
        if (has_anchor) refuse("cannot use \"S\" and \"SG\" together");
        p_.minus = true;
        p_.plus = true;
        return add(NumberKey::sign);
      default:
        if (has_anchor || p_.plus || p_.minus) {
          refuse("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
        }
        p_.bracket = true;
    }
  }

  std::string_view rest_;
  NumberPicture p_;
};

}  // namespace

NumberPicture parse_number_picture(std::string_view text) {
  return Parser(text).run();
}

}  // namespace dvecdb::server::functions
