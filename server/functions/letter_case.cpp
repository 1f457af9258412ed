#include <clocale>
#include <cwctype>
#include <string>

#include "server/functions/like.h"
#include "server/types/utf8.h"

namespace dvecdb::server::functions {
namespace {

// The character tables of Unicode, independent of the process's locale. Lives for ever.
locale_t unicode_locale() {
  static const locale_t locale = [] {
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return utf8 != nullptr ? utf8 : newlocale(LC_CTYPE_MASK, "C", nullptr);
  }();
  return locale;
}

template <typename Map>
std::string map_characters(std::string_view text, Map map) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    types::utf8_append(out, static_cast<std::uint32_t>(map(types::utf8_decode(text, at))));
  }
  return out;
}

}  // namespace

std::string to_lower(std::string_view text) {
  return map_characters(text, [](wint_t c) { return towlower_l(c, unicode_locale()); });
}

std::string to_upper(std::string_view text) {
  return map_characters(text, [](wint_t c) { return towupper_l(c, unicode_locale()); });
}

std::string to_title(std::string_view text) {
  bool in_word = false;
  return map_characters(text, [&in_word](wint_t c) {
    wint_t mapped = in_word ? towlower_l(c, unicode_locale()) : towupper_l(c, unicode_locale());
    in_word = iswalnum_l(c, unicode_locale()) != 0;
    return mapped;
  });
}

}  // namespace dvecdb::server::functions
