// Bodies of requests: parsed, and read member by member. Whatever is wrong is a Failure that names
// the member: 400 for what is no JSON, 422 for the rest.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dvecdb::server::http::rest {

namespace json = boost::json;

// Nesting of a body, and so of metadata and filters.
inline constexpr std::size_t max_json_depth = 64;

json::value parse_body(std::string_view body);

// Numbers as short as they can be: 0.1, not 1E-1.
std::string json_text(const json::value& value);

// The beginning of what a client has sent, for sentences; no character is cut.
std::string shortened(std::string_view text);

// The members of an object. Members that finish() finds unread are refused: a member that is not
// understood must not be taken for one that was obeyed.
class Members {
 public:
  // `where` names the object in sentences: "the body", "filter.must[0]". Both must outlive it.
  Members(const json::value& value, std::string where);

  // nullptr: absent or null.
  const json::value* find(std::string_view name);
  const json::value& get(std::string_view name);
  bool has(std::string_view name) { return find(name) != nullptr; }

  std::string text(std::string_view name);
  std::optional<std::string> optional_text(std::string_view name);
  std::int64_t integer(std::string_view name, std::int64_t low, std::int64_t high);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t low,
                                               std::int64_t high);
  std::optional<double> optional_number(std::string_view name);
  double number(std::string_view name);
  bool boolean(std::string_view name, bool otherwise);
  // At least one element, at most `most`.
  const json::array& array(std::string_view name, std::size_t most);
  const json::object* optional_object(std::string_view name);

  void finish() const;
  std::string path(std::string_view name) const;
  const std::string& where() const { return where_; }

 private:
  const json::object* object_;
  std::string where_;
  std::set<std::string, std::less<>> known_;
};

// One of `names`, or a Failure that lists them.
std::size_t one_of(const std::string& text, const std::vector<std::string_view>& names,
                   const std::string& where);
// An id: a string, or an integer, which is taken for its digits.
std::string id_of(const json::value& value, const std::string& where);
std::vector<std::string> ids_of(const json::array& values, const std::string& where);
// "[1,2,3]", and that it has as many finite numbers as `dimension` says.
std::string vector_text(const json::value& value, std::size_t dimension, const std::string& where);

}  // namespace dvecdb::server::http::rest
