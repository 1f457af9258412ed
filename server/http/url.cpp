#include "server/http/url.h"

#include <charconv>

namespace dvecdb::server::http {

namespace {

std::string_view take_until(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view taken = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return taken;
}

std::optional<std::string> decode_form(std::string_view text) {
  std::string spaced(text);
  for (char& c : spaced) {
    if (c == '+') c = ' ';
  }
  return percent_decode(spaced);
}

bool parse_query(std::string_view text, TextMap& query) {
  while (!text.empty()) {
    std::string_view value = take_until(text, '&');
    const std::string_view name = take_until(value, '=');
    if (name.empty() && value.empty()) continue;
    std::optional<std::string> decoded_name = decode_form(name);
    std::optional<std::string> decoded_value = decode_form(value);
    if (!decoded_name || !decoded_value) return false;
    query[*std::move(decoded_name)] = *std::move(decoded_value);
  }
  return true;
}

// Without "http://host" of the form that proxies are sent.
std::string_view origin_form(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::size_t path = text.find_first_of("/?", scheme.size());
    return path == std::string_view::npos ? std::string_view("/") : text.substr(path);
  }
  return text;
}

}  // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    unsigned char byte = 0;
    const char* digits = text.data() + i + 1;
    const auto [end, error] = std::from_chars(digits, digits + 2, byte, 16);
    if (error != std::errc() || end != digits + 2) return std::nullopt;
    decoded.push_back(static_cast<char>(byte));
    i += 2;
  }
  return decoded;
}

std::optional<Target> parse_target(std::string_view text) {
  Target target;
  if (text == "*") {
    target.path = "*";
    return target;
  }
  std::string_view query = origin_form(text);
  target.path = take_until(query, '?');
  query = query.substr(0, query.find('#'));
  if (!target.path.starts_with('/')) return std::nullopt;
  std::string_view rest = std::string_view(target.path).substr(1);
  while (true) {
    const bool is_last = rest.find('/') == std::string_view::npos;
    std::optional<std::string> segment = percent_decode(take_until(rest, '/'));
    if (!segment) return std::nullopt;
    target.segments.push_back(*std::move(segment));
    if (is_last) break;
  }
  if (!parse_query(query, target.query)) return std::nullopt;
  return target;
}

}  // namespace dvecdb::server::http
