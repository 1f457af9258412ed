#include "server/http/router.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace dvecdb::server::http {

namespace {

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::vector<std::string> split(std::string_view pattern) {
  std::vector<std::string> segments;
  std::size_t begin = 1;
  while (true) {
    const std::size_t end = pattern.find('/', begin);
    segments.emplace_back(pattern.substr(begin, end - begin));
    if (end == std::string_view::npos) return segments;
    begin = end + 1;
  }
}

void allow(std::vector<std::string>& methods, const std::string& method) {
  if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
    methods.push_back(method);
  }
}

}  // namespace

void Router::add(std::string method, std::string pattern, Handler handler, RouteKind kind) {
  if (!pattern.starts_with('/')) throw std::logic_error("a route starts with a slash: " + pattern);
  for (const Entry& entry : entries_) {
    if (entry.route.method == method && entry.route.pattern == pattern) {
      throw std::logic_error("a route twice: " + method + " " + pattern);
    }
  }
  std::vector<std::string> segments = split(pattern);
  entries_.push_back(
      {{std::move(method), std::move(pattern), std::move(handler), kind}, std::move(segments)});
}

bool Router::fits(const Entry& entry, const std::vector<std::string>& segments) {
  return std::equal(entry.segments.begin(), entry.segments.end(), segments.begin(), segments.end(),
                    [](const std::string& wanted, const std::string& segment) {
                      return is_parameter(wanted) ? !segment.empty() : wanted == segment;
                    });
}

bool Router::is_nearer(const Entry& a, const Entry& b) {
  const auto literal = [](const std::string& segment) { return !is_parameter(segment); };
  return std::lexicographical_compare(
      b.segments.begin(), b.segments.end(), a.segments.begin(), a.segments.end(),
      [&](const std::string& x, const std::string& y) { return literal(x) < literal(y); });
}

Match Router::find(std::string_view method, const std::vector<std::string>& segments) const {
  Match match;
  const Entry* best = nullptr;
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  for (const Entry& entry : entries_) {
    if (!fits(entry, segments)) continue;
    allow(match.allowed, entry.route.method);
    if (entry.route.method == "GET") allow(match.allowed, "HEAD");
    if (entry.route.method != wanted) continue;
    if (best == nullptr || is_nearer(entry, *best)) best = &entry;
  }
  if (!match.allowed.empty()) allow(match.allowed, "OPTIONS");
  if (best == nullptr) return match;
  match.route = &best->route;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string& name = best->segments[i];
    if (is_parameter(name)) match.parameters[name.substr(1, name.size() - 2)] = segments[i];
  }
  return match;
}

Match Router::find(std::string_view method, std::string_view path) const {
  const auto target = parse_target(path);
  return target ? find(method, target->segments) : Match();
}

std::vector<const Route*> Router::routes() const {
  std::vector<const Route*> all;
  for (const Entry& entry : entries_) all.push_back(&entry.route);
  return all;
}

}  // namespace dvecdb::server::http
