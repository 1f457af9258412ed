#include "server/types/json_path.h"

#include <fmt/format.h>

#include "server/types/error.h"

namespace dvecdb::server::types {
namespace {

using Kind = JsonPathNode::Kind;
using Node = std::unique_ptr<JsonPathNode>;

class PathParser {
 public:
  explicit PathParser(std::string_view text) : text_(text) {}

  JsonPath parse() {
    JsonPath path;
    if (accept_word("strict")) {
      path.is_strict = true;
    } else {
      accept_word("lax");
    }
    path.root = parse_or();
    skip_blanks();
    if (at_ != text_.size()) throw syntax_error();
    return path;
  }

 private:
  [[noreturn]] static void throw_too_deep() {
    throw SqlError(sqlstate::statement_too_complex, "stack depth limit exceeded");
  }

  SqlError syntax_error() const {
    std::string near =
        at_ < text_.size()
            ? fmt::format("syntax error at or near \"{}\" of jsonpath input", text_.substr(at_, 1))
            : "syntax error at end of jsonpath input";
    return SqlError(sqlstate::syntax_error, std::move(near));
  }

  static bool is_word(char c) {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  }

  void skip_blanks() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || (text_[at_] >= '\t' && text_[at_] <= '\r'))) {
      ++at_;
    }
  }

  bool accept(std::string_view symbol) {
    skip_blanks();
    if (text_.substr(at_, symbol.size()) != symbol) return false;
    at_ += symbol.size();
    return true;
  }

  bool accept_word(std::string_view word) {
    skip_blanks();
    if (text_.substr(at_, word.size()) != word) return false;
    if (at_ + word.size() < text_.size() && is_word(text_[at_ + word.size()])) return false;
    at_ += word.size();
    return true;
  }

  void expect(std::string_view symbol) {
    if (!accept(symbol)) throw syntax_error();
  }

  // A chain of operators is as deep as it is long, so the number of nodes bounds the depth too.
  Node make(Kind kind) {
    constexpr int max_nodes = 1000;
    if (++nodes_ > max_nodes) throw_too_deep();
    auto node = std::make_unique<JsonPathNode>();
    node->kind = kind;
    return node;
  }

  Node make(Kind kind, Node first, Node second = nullptr) {
    Node node = make(kind);
    node->children.push_back(std::move(first));
    if (second) node->children.push_back(std::move(second));
    return node;
  }

  Node parse_or() {
    constexpr int max_depth = 200;
    if (++depth_ > max_depth) throw_too_deep();
    Node left = parse_and();
    while (accept("||")) left = make(Kind::either, std::move(left), parse_and());
    --depth_;
    return left;
  }

  Node parse_and() {
    Node left = parse_comparison();
    while (accept("&&")) left = make(Kind::both, std::move(left), parse_comparison());
    return left;
  }

  Node parse_comparison() {
    if (accept("!")) {
      expect("(");
      Node inner = parse_or();
      expect(")");
      return make(Kind::no, std::move(inner));
    }
    if (accept_word("exists")) {
      expect("(");
      Node inner = parse_or();
      expect(")");
      return make(Kind::exists, std::move(inner));
    }
    Node left = parse_sum();
    constexpr std::pair<std::string_view, Kind> operators[] = {
        {"==", Kind::equal},      {"!=", Kind::not_equal},     {"<>", Kind::not_equal},
        {"<=", Kind::less_equal}, {">=", Kind::greater_equal}, {"<", Kind::less},
        {">", Kind::greater}};
    for (const auto& [symbol, kind] : operators) {
      if (accept(symbol)) return make(kind, std::move(left), parse_sum());
    }
    if (accept_word("starts")) {
      if (!accept_word("with")) throw syntax_error();
      return make(Kind::starts_with, std::move(left), parse_sum());
    }
    if (accept_word("like_regex")) {
      Node node = make(Kind::like_regex, std::move(left));
      skip_blanks();
      node->text = read_string();
      if (accept_word("flag")) {
        skip_blanks();
        node->flags = read_string();
      }
      return node;
    }
    if (accept_word("is")) {
      if (!accept_word("unknown")) throw syntax_error();
      return make(Kind::unknown, std::move(left));
    }
    return left;
  }

  Node parse_sum() {
    Node left = parse_product();
    while (true) {
      if (accept("+")) {
        left = make(Kind::add, std::move(left), parse_product());
      } else if (accept("-")) {
        left = make(Kind::subtract, std::move(left), parse_product());
      } else {
        return left;
      }
    }
  }

  Node parse_product() {
    Node left = parse_unary();
    while (true) {
      if (accept("*")) {
        left = make(Kind::multiply, std::move(left), parse_unary());
      } else if (accept("/")) {
        left = make(Kind::divide, std::move(left), parse_unary());
      } else if (accept("%")) {
        left = make(Kind::modulo, std::move(left), parse_unary());
      } else {
        return left;
      }
    }
  }

  Node parse_unary() {
    int minus = 0;
    bool has_sign = false;
    while (true) {
      if (accept("-")) {
        ++minus;
      } else if (!accept("+")) {
        break;
      }
      has_sign = true;
    }
    Node operand = parse_steps(parse_primary());
    if (!has_sign) return operand;
    return make(minus % 2 != 0 ? Kind::negate : Kind::plus, std::move(operand));
  }

  Node parse_primary() {
    skip_blanks();
    if (at_ == text_.size()) throw syntax_error();
    char c = text_[at_];
    if (accept("(")) {
      Node inner = parse_or();
      expect(")");
      return inner;
    }
    if (accept("@")) return make(Kind::current);
    if (c == '$') {
      ++at_;
      if (at_ < text_.size() && (is_word(text_[at_]) || text_[at_] == '"')) {
        Node node = make(Kind::variable);
        node->text = read_name();
        return node;
      }
      return make(Kind::root);
    }
    Node node = make(Kind::literal);
    if (c == '"') {
      node->literal = JsonValue::make_string(read_string());
    } else if ((c >= '0' && c <= '9') || c == '.') {
      node->literal = JsonValue::make_number(read_number());
    } else if (accept_word("true")) {
      node->literal = JsonValue::make_boolean(true);
    } else if (accept_word("false")) {
      node->literal = JsonValue::make_boolean(false);
    } else if (accept_word("last")) {
      node->kind = Kind::last;
    } else if (!accept_word("null")) {
      throw syntax_error();
    }
    return node;
  }

  std::string read_number() {
    std::size_t begin = at_;
    while (at_ < text_.size() &&
           ((text_[at_] >= '0' && text_[at_] <= '9') || text_[at_] == '.' ||
            ((text_[at_] | 0x20) == 'e') ||
            ((text_[at_] == '-' || text_[at_] == '+') && (text_[at_ - 1] | 0x20) == 'e'))) {
      ++at_;
    }
    std::string number(text_.substr(begin, at_ - begin));
    if (number.front() == '.') number.insert(0, 1, '0');
    if (number.back() == '.') number.pop_back();
    try {
      return parse_jsonb(number).text;
    } catch (const SqlError&) {
      at_ = begin;
      throw syntax_error();
    }
  }

  std::string read_string() {
    if (at_ >= text_.size() || text_[at_] != '"') throw syntax_error();
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != '"') end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) throw syntax_error();
    JsonValue value = parse_jsonb(text_.substr(at_, end + 1 - at_));
    at_ = end + 1;
    return value.text;
  }

  std::string read_name() {
    skip_blanks();
    if (at_ < text_.size() && text_[at_] == '"') return read_string();
    std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    if (at_ == begin) throw syntax_error();
    return std::string(text_.substr(begin, at_ - begin));
  }

  // What may follow a primary: ".a", ".*", ".**", ".size()", "[0 to last]", "?(...)".
  Node parse_steps(Node input) {
    while (true) {
      if (accept(".**")) {
        input = make(Kind::descend, std::move(input));
      } else if (accept(".*")) {
        input = make(Kind::any_member, std::move(input));
      } else if (accept(".")) {
        skip_blanks();
        bool is_quoted = at_ < text_.size() && text_[at_] == '"';
        Node step = make(Kind::member, std::move(input));
        step->text = read_name();
        if (!is_quoted && accept("(")) {
          expect(")");
          step->kind = Kind::method;
          check_method(step->text);
        }
        input = std::move(step);
      } else if (accept("[")) {
        input = parse_subscripts(std::move(input));
      } else if (accept("?")) {
        expect("(");
        Node condition = parse_or();
        expect(")");
        input = make(Kind::filter, std::move(input), std::move(condition));
      } else {
        return input;
      }
    }
  }

  void check_method(std::string_view name) const {
    for (std::string_view known : {"type", "size", "double", "abs", "floor", "ceiling"}) {
      if (name == known) return;
    }
    throw SqlError(sqlstate::feature_not_supported,
                   fmt::format("jsonpath method .{}() is not supported", name));
  }

  // Children after the input come in pairs: first and last index.
  Node parse_subscripts(Node input) {
    if (accept("*")) {
      expect("]");
      return make(Kind::any_element, std::move(input));
    }
    Node node = make(Kind::subscripts, std::move(input));
    do {
      node->children.push_back(parse_sum());
      node->children.push_back(accept_word("to") ? parse_sum() : nullptr);
    } while (accept(","));
    expect("]");
    return node;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int nodes_ = 0;
};

}  // namespace

JsonPath parse_json_path(std::string_view text) {
  return PathParser(text).parse();
}

}  // namespace dvecdb::server::types
