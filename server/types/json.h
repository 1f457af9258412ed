// JSON documents: PostgreSQL's grammar, limits and error texts, and its two ways of keeping them:
// json as it was written, jsonb in one canonical form. Pure and thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dvecdb::server::types {

struct JsonValue {
  enum class Kind : unsigned char { null, boolean, number, string, array, object };

  Kind kind = Kind::null;
  bool boolean = false;
  std::string text;               // of a number as written; of a string with escapes resolved
  std::vector<std::string> keys;  // of an object, beside `items`
  std::vector<JsonValue> items;
  std::string_view source;  // as it was written; borrows from the parsed text

  bool is_container() const { return kind == Kind::array || kind == Kind::object; }
  bool is_object() const { return kind == Kind::object; }
  bool is_array() const { return kind == Kind::array; }
  // The last member with this key, or nullptr.
  const JsonValue* find(std::string_view key) const;

  static JsonValue make_string(std::string text);
  static JsonValue make_number(std::string text);
  static JsonValue make_boolean(bool value);
  static JsonValue make(Kind kind);
  void add_member(std::string key, JsonValue value);
};

enum class JsonParse {
  validate,  // json: strings stay escaped but for their form
  decode,    // json: strings are decoded too
  canonical  // jsonb: decoded, numbers normal, members sorted, the last of equal keys kept
};

// Throws SqlError: 22P02, 22P05, 22003 and, for a document nested too deeply, 54001.
JsonValue parse_json(std::string_view text, JsonParse mode);
// The grammar alone, in constant memory but for the depth.
void check_json(std::string_view text);
// Text that is known to be jsonb.
inline JsonValue parse_jsonb(std::string_view text) {
  return parse_json(text, JsonParse::canonical);
}
// Sorts members and drops all but the last of equal keys, throughout.
void make_canonical(JsonValue& value);

// "..." with escapes.
void append_json_string(std::string_view text, std::string& out);
// The canonical text of a canonical value.
void append_jsonb(const JsonValue& value, std::string& out);
std::string jsonb_text(const JsonValue& value);

// jsonb's order.
int compare_json(const JsonValue& a, const JsonValue& b);
int compare_jsonb_text(std::string_view a, std::string_view b);

}  // namespace dvecdb::server::types
