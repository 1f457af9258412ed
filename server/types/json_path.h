// SQL/JSON paths over jsonb: members, subscripts, filters, comparisons, arithmetic and the methods
// type(), size(), double(), abs(), floor(), ceiling().
// Parsing only: the JSON functions run them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/types/json.h"

namespace dvecdb::server::types {

struct JsonPathNode {
  enum class Kind : unsigned char {
    literal,
    root,
    current,
    last,
    variable,  // leaves
    member,
    any_member,
    any_element,
    subscripts,
    descend,
    filter,
    method,  // children[0]: input
    negate,
    plus,
    add,
    subtract,
    multiply,
    divide,
    modulo,  // numbers
    both,
    either,
    no,
    unknown,
    exists,  // truth values
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    starts_with,
    like_regex,
  };
  Kind kind = Kind::literal;
  std::string text;   // of a member, method, variable, pattern
  std::string flags;  // of like_regex
  JsonValue literal;
  std::vector<std::unique_ptr<JsonPathNode>> children;
};

struct JsonPath {
  bool is_strict = false;
  std::unique_ptr<JsonPathNode> root;
};

// Throws SqlError (42601, 54001).
JsonPath parse_json_path(std::string_view text);

}  // namespace dvecdb::server::types
