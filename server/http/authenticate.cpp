#include "server/http/authenticate.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "server/exec/crypto.h"

namespace dvecdb::server::http {

namespace {

constexpr std::string_view what_to_send =
    "send an API key (Authorization: Bearer <key>, or api-key: <key>) or a role and its password "
    "(Authorization: Basic)";

AuthResult refused(std::string sentence) {
  return {401, {}, std::move(sentence), {}};
}

std::optional<std::string_view> find_header(const Request& request, std::string_view name) {
  const auto found = request.headers.find(name);
  if (found == request.headers.end()) return std::nullopt;
  return found->second;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

bool equal_ignoring_case(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char c = a[i] >= 'A' && a[i] <= 'Z' ? static_cast<char>(a[i] - 'A' + 'a') : a[i];
    if (c != lower[i]) return false;
  }
  return true;
}

AuthResult by_key(std::string_view key, exec::Engine& engine) {
  const auto role = engine.role_of_api_key(key);
  if (!role) return refused("the API key is not known, or valid no more");
  // Names the key without telling it.
  return {200, *role, {}, "api key " + exec::to_hex(exec::sha256(key)).substr(0, 16)};
}

AuthResult by_password(std::string_view encoded, exec::Engine& engine) {
  const auto decoded = exec::from_base64(encoded);
  const std::size_t colon = decoded ? decoded->find(':') : std::string::npos;
  if (colon == std::string::npos) {
    return refused("the Basic credentials are no role:password in base64");
  }
  const std::string role = decoded->substr(0, colon);
  if (!engine.check_password(role, std::string_view(*decoded).substr(colon + 1))) {
    return refused("password authentication failed");
  }
  return {200, role, {}, "role " + role};
}

}  // namespace

AuthResult authenticate(const Request& request, exec::Engine& engine, bool trust_loopback) {
  const auto authorization = find_header(request, "authorization");
  const auto key = find_header(request, "api-key");
  if (authorization && key) {
    return refused("the request has both an Authorization and an api-key header: send one");
  }
  if (key) return by_key(trimmed(*key), engine);
  if (!authorization) {
    if (trust_loopback && request.is_loopback) return {200, "postgres", {}, {}};
    return refused(fmt::format("authentication is needed: {}", what_to_send));
  }
  const std::string_view text = trimmed(*authorization);
  const std::size_t blank = text.find(' ');
  const std::string_view scheme = text.substr(0, blank);
  const std::string_view rest =
      blank == std::string_view::npos ? std::string_view() : trimmed(text.substr(blank));
  if (equal_ignoring_case(scheme, "bearer")) return by_key(rest, engine);
  if (equal_ignoring_case(scheme, "basic")) return by_password(rest, engine);
  // What came instead may be a key: it is not repeated.
  return refused(fmt::format("this kind of Authorization is not taken: {}", what_to_send));
}

}  // namespace dvecdb::server::http
