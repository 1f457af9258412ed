#include "server/types/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "server/types/error.h"
#include "server/types/json_lexer.h"
#include "server/types/numeric.h"

namespace dvecdb::server::types {
namespace {

using Kind = JsonValue::Kind;
using Token = JsonLexer::Token;

// Keeps the parser, and all that walks a document, within a small stack.
constexpr int max_depth = 2000;

[[noreturn]] void throw_too_deep() {
  throw SqlError(sqlstate::statement_too_complex, "stack depth limit exceeded")
      .hint(fmt::format("JSON documents may be nested up to {} levels.", max_depth));
}

class JsonParser {
 public:
  JsonParser(std::string_view text, JsonParse mode, bool builds)
      : text_(text), lexer_(text, mode != JsonParse::validate), mode_(mode), builds_(builds) {}

  JsonValue parse() {
    lexer_.next();
    JsonValue value = read_value("JSON value");
    if (lexer_.token() != Token::end) throw lexer_.unexpected("end of input");
    return value;
  }

 private:
  JsonValue read_value(std::string_view expected) {
    std::size_t begin = lexer_.begin();
    std::size_t end = lexer_.end();
    JsonValue value;
    switch (lexer_.token()) {
      case Token::object_start:
        return read_object(begin);
      case Token::array_start:
        return read_array(begin);
      case Token::string:
        value.kind = Kind::string;
        if (builds_) value.text = std::move(lexer_.text());
        break;
      case Token::number:
        value.kind = Kind::number;
        if (builds_) value.text = lexer_.source();
        if (mode_ == JsonParse::canonical) value.text = Numeric::parse(value.text).to_string();
        break;
      case Token::true_word:
      case Token::false_word:
        value.kind = Kind::boolean;
        value.boolean = lexer_.token() == Token::true_word;
        break;
      case Token::null_word:
        break;
      default:
        throw lexer_.unexpected(expected);
    }
    lexer_.next();
    value.source = text_.substr(begin, end - begin);
    return value;
  }

  JsonValue read_object(std::size_t begin) {
    if (++depth_ > max_depth) throw_too_deep();
    JsonValue value = JsonValue::make(Kind::object);
    lexer_.next();
    bool is_first = true;
    while (lexer_.token() != Token::object_end) {
      if (!is_first) {
        if (lexer_.token() != Token::comma) throw lexer_.unexpected("\",\" or \"}\"");
        lexer_.next();
      }
      if (lexer_.token() != Token::string) {
        throw lexer_.unexpected(is_first ? "string or \"}\"" : "string");
      }
      std::string key = std::move(lexer_.text());
      lexer_.next();
      if (lexer_.token() != Token::colon) throw lexer_.unexpected("\":\"");
      lexer_.next();
      JsonValue member = read_value("JSON value");
      if (builds_) value.add_member(std::move(key), std::move(member));
      is_first = false;
    }
    close(value, begin);
    return value;
  }

  JsonValue read_array(std::size_t begin) {
    if (++depth_ > max_depth) throw_too_deep();
    JsonValue value = JsonValue::make(Kind::array);
    lexer_.next();
    bool is_first = true;
    while (lexer_.token() != Token::array_end) {
      if (!is_first) {
        if (lexer_.token() != Token::comma) throw lexer_.unexpected("\",\" or \"]\"");
        lexer_.next();
        if (lexer_.token() == Token::array_end) throw lexer_.unexpected("JSON value");
      }
      JsonValue element = read_value(is_first ? "array element or \"]\"" : "JSON value");
      if (builds_) value.items.push_back(std::move(element));
      is_first = false;
    }
    close(value, begin);
    return value;
  }

  void close(JsonValue& value, std::size_t begin) {
    value.source = text_.substr(begin, lexer_.end() - begin);
    --depth_;
    lexer_.next();
  }

  std::string_view text_;
  JsonLexer lexer_;
  JsonParse mode_;
  bool builds_;
  int depth_ = 0;
};

bool key_before(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// Members by length and bytes of the key; of equal keys the last stays.
void sort_members(JsonValue& object) {
  bool is_sorted = std::adjacent_find(object.keys.begin(), object.keys.end(),
                                      [](const std::string& a, const std::string& b) {
                                        return !key_before(a, b);
                                      }) == object.keys.end();
  if (is_sorted) return;
  std::vector<std::size_t> order(object.keys.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return key_before(object.keys[a], object.keys[b]);
  });
  JsonValue sorted = JsonValue::make(Kind::object);
  for (std::size_t i = 0; i < order.size(); ++i) {
    bool is_replaced = i + 1 < order.size() && object.keys[order[i]] == object.keys[order[i + 1]];
    if (is_replaced) continue;
    sorted.add_member(std::move(object.keys[order[i]]), std::move(object.items[order[i]]));
  }
  object.keys = std::move(sorted.keys);
  object.items = std::move(sorted.items);
}

int sign(int order) {
  return (order > 0) - (order < 0);
}

// Object > array > boolean > number > string > null.
int rank(Kind kind) {
  switch (kind) {
    case Kind::null:
      return 0;
    case Kind::string:
      return 1;
    case Kind::number:
      return 2;
    case Kind::boolean:
      return 3;
    case Kind::array:
      return 4;
    case Kind::object:
      return 5;
  }
  return 0;
}

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
  for (std::size_t i = keys.size(); i > 0; --i) {
    if (keys[i - 1] == key) return &items[i - 1];
  }
  return nullptr;
}

JsonValue JsonValue::make(Kind kind) {
  JsonValue value;
  value.kind = kind;
  return value;
}

JsonValue JsonValue::make_string(std::string text) {
  JsonValue value = make(Kind::string);
  value.text = std::move(text);
  return value;
}

JsonValue JsonValue::make_number(std::string text) {
  JsonValue value = make(Kind::number);
  value.text = std::move(text);
  return value;
}

JsonValue JsonValue::make_boolean(bool boolean) {
  JsonValue value = make(Kind::boolean);
  value.boolean = boolean;
  return value;
}

void JsonValue::add_member(std::string key, JsonValue value) {
  keys.push_back(std::move(key));
  items.push_back(std::move(value));
}

JsonValue parse_json(std::string_view text, JsonParse mode) {
  JsonValue value = JsonParser(text, mode, true).parse();
  if (mode == JsonParse::canonical) make_canonical(value);
  return value;
}

void check_json(std::string_view text) {
  JsonParser(text, JsonParse::validate, false).parse();
}

void make_canonical(JsonValue& value) {
  for (JsonValue& item : value.items) make_canonical(item);
  if (value.is_object()) sort_members(value);
}

void append_json_string(std::string_view text, std::string& out) {
  out.push_back('"');
  for (char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        } else {
          out.push_back(c);
        }
    }
  }
  out.push_back('"');
}

void append_jsonb(const JsonValue& value, std::string& out) {
  switch (value.kind) {
    case Kind::null:
      out += "null";
      return;
    case Kind::boolean:
      out += value.boolean ? "true" : "false";
      return;
    case Kind::number:
      out += value.text;
      return;
    case Kind::string:
      return append_json_string(value.text, out);
    case Kind::array:
    case Kind::object:
      break;
  }
  out.push_back(value.is_object() ? '{' : '[');
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    if (i > 0) out += ", ";
    if (value.is_object()) {
      append_json_string(value.keys[i], out);
      out += ": ";
    }
    append_jsonb(value.items[i], out);
  }
  out.push_back(value.is_object() ? '}' : ']');
}

std::string jsonb_text(const JsonValue& value) {
  std::string out;
  append_jsonb(value, out);
  return out;
}

int compare_json(const JsonValue& a, const JsonValue& b) {
  if (a.kind != b.kind) return rank(a.kind) < rank(b.kind) ? -1 : 1;
  switch (a.kind) {
    case Kind::null:
      return 0;
    case Kind::boolean:
      return int{a.boolean} - int{b.boolean};
    case Kind::number:
      return sign(Numeric::compare_text(a.text, b.text));
    case Kind::string:
      return sign(a.text.compare(b.text));
    case Kind::array:
    case Kind::object:
      break;
  }
  if (a.items.size() != b.items.size()) return a.items.size() < b.items.size() ? -1 : 1;
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    int order = a.is_object() ? sign(a.keys[i].compare(b.keys[i])) : 0;
    if (order == 0) order = compare_json(a.items[i], b.items[i]);
    if (order != 0) return order;
  }
  return 0;
}

int compare_jsonb_text(std::string_view a, std::string_view b) {
  if (a == b) return 0;
  JsonValue x = parse_jsonb(a);
  JsonValue y = parse_jsonb(b);
  // A scalar document counts as an array of one: it comes after an empty array.
  bool x_empty = x.is_array() && x.items.empty();
  bool y_empty = y.is_array() && y.items.empty();
  if (x_empty && !y.is_container()) return -1;
  if (y_empty && !x.is_container()) return 1;
  return compare_json(x, y);
}

}  // namespace dvecdb::server::types
