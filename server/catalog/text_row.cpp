#include "server/catalog/text_row.h"

#include <charconv>
#include <cstdlib>

#include "server/types/error.h"

namespace dvecdb::server::catalog {

std::string unescape_copy_text(std::string_view field) {
  std::string out;
  out.reserve(field.size());
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 1 == field.size()) {
      out.push_back(field[i]);
      continue;
    }
    switch (const char next = field[++i]) {
      case 'n':
        out.push_back('\n');
        break;
      case 't':
        out.push_back('\t');
        break;
      case 'r':
        out.push_back('\r');
        break;
      default:
        out.push_back(next);
    }
  }
  return out;
}

std::string TextRow::text(int column) const {
  return is_null(column) ? std::string() : unescape_copy_text(raw(column));
}

char TextRow::character(int column) const {
  return is_null(column) || raw(column).empty() ? '\0' : raw(column).front();
}

std::int64_t TextRow::integer(int column) const {
  std::int64_t value = 0;
  const std::string_view field = raw(column);
  if (field == "t") return 1;
  std::from_chars(field.data(), field.data() + field.size(), value);
  return value;
}

double TextRow::real(int column) const {
  return std::strtod(text(column).c_str(), nullptr);
}

std::vector<std::string> TextRow::texts(int column) const {
  std::vector<std::string> out;
  if (is_null(column)) return out;
  std::string whole = text(column);
  const bool is_array = !whole.empty() && whole.front() == '{';
  if (is_array) whole = whole.substr(1, whole.size() - 2);
  if (whole.empty()) return out;
  const char separator = is_array ? ',' : ' ';
  out.emplace_back();
  bool quoted = false;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (whole[i] == '\\' && i + 1 < whole.size()) {
      out.back().push_back(whole[++i]);
    } else if (whole[i] == '"') {
      quoted = !quoted;
    } else if (whole[i] == separator && !quoted) {
      out.emplace_back();
    } else {
      out.back().push_back(whole[i]);
    }
  }
  return out;
}

std::vector<std::int64_t> TextRow::integers(int column) const {
  std::vector<std::int64_t> out;
  for (const std::string& element : texts(column)) {
    out.push_back(std::strtoll(element.c_str(), nullptr, 10));
  }
  return out;
}

void TextTable::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    int count = 1;
    for (std::size_t tab; (tab = line.find('\t')) != std::string_view::npos; ++count) {
      fields_.push_back(line.substr(0, tab));
      line.remove_prefix(tab + 1);
    }
    fields_.push_back(line);
    if (count != columns_) {
      throw types::SqlError(types::sqlstate::internal_error,
                            "a built-in catalog row has " + std::to_string(count) +
                                " columns instead of " + std::to_string(columns_));
    }
  }
}

}  // namespace dvecdb::server::catalog
