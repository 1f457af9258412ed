#include "server/functions/json_path_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "server/functions/regex.h"
#include "server/types/error.h"
#include "server/types/numeric.h"

namespace dvecdb::server::functions {
namespace {

using types::JsonPath;
using types::JsonPathNode;
using types::JsonValue;
using types::Numeric;
using types::SqlError;
using Kind = JsonPathNode::Kind;
using Items = std::vector<JsonValue>;

// PostgreSQL's class 22 codes of SQL/JSON.
constexpr std::string_view no_member = "2203A";
constexpr std::string_view no_array = "22039";
constexpr std::string_view bad_subscript = "22033";
constexpr std::string_view no_number = "2203B";
constexpr std::string_view no_single_item = "22038";

enum class Truth : unsigned char { no, yes, unknown };

class PathRunner {
 public:
  PathRunner(bool is_strict, const JsonValue& document, const JsonValue& variables)
      : is_strict_(is_strict), document_(document), variables_(variables) {}

  Items run(const JsonPathNode& node) { return evaluate(node, document_); }

 private:
  Items evaluate(const JsonPathNode& node, const JsonValue& current) {
    switch (node.kind) {
      case Kind::literal:
        return {node.literal};
      case Kind::root:
        return {document_};
      case Kind::current:
        return {current};
      case Kind::last:
        return {JsonValue::make_number(std::to_string(last_))};
      case Kind::variable:
        return {variable(node.text)};
      case Kind::member:
      case Kind::any_member:
      case Kind::any_element:
      case Kind::subscripts:
      case Kind::descend:
      case Kind::filter:
      case Kind::method:
        return step(node, current);
      case Kind::negate:
      case Kind::plus:
        return sign(node, current);
      case Kind::add:
      case Kind::subtract:
      case Kind::multiply:
      case Kind::divide:
      case Kind::modulo:
        return {arithmetic(node, current)};
      default:
        break;
    }
    Truth truth = test(node, current);
    if (truth == Truth::unknown) return {JsonValue()};
    return {JsonValue::make_boolean(truth == Truth::yes)};
  }

  JsonValue variable(const std::string& name) const {
    const JsonValue* found = variables_.find(name);
    if (found != nullptr) return *found;
    throw SqlError(types::sqlstate::undefined_object,
                   fmt::format("could not find jsonpath variable \"{}\"", name));
  }

  Items unwrapped(Items items) const {
    if (is_strict_) return items;
    Items out;
    for (JsonValue& item : items) {
      if (!item.is_array()) {
        out.push_back(std::move(item));
        continue;
      }
      for (JsonValue& element : item.items) out.push_back(std::move(element));
    }
    return out;
  }

  Items step(const JsonPathNode& node, const JsonValue& current) {
    Items input = evaluate(*node.children[0], current);
    bool unwraps = node.kind == Kind::member || node.kind == Kind::any_member ||
                   node.kind == Kind::filter ||
                   (node.kind == Kind::method && node.text != "type" && node.text != "size");
    if (unwraps) input = unwrapped(std::move(input));
    Items out;
    for (const JsonValue& item : input) {
      switch (node.kind) {
        case Kind::member:
          add_member(node.text, item, out);
          break;
        case Kind::any_member:
          add_all(item, true, out);
          break;
        case Kind::any_element:
          add_all(item, false, out);
          break;
        case Kind::subscripts:
          add_subscripts(node, item, current, out);
          break;
        case Kind::descend:
          add_descendants(item, out);
          break;
        case Kind::filter:
          if (test(*node.children[1], item) == Truth::yes) out.push_back(item);
          break;
        default:
          out.push_back(method(node.text, item));
          break;
      }
      check_size(out);
    }
    return out;
  }

  void add_member(const std::string& name, const JsonValue& item, Items& out) const {
    const JsonValue* found = item.is_object() ? item.find(name) : nullptr;
    if (found != nullptr) {
      out.push_back(*found);
    } else if (is_strict_) {
      if (!item.is_object()) {
        throw SqlError(no_member, "jsonpath member accessor can only be applied to an object");
      }
      throw SqlError(no_member, fmt::format("JSON object does not contain key \"{}\"", name));
    }
  }

  void add_all(const JsonValue& item, bool of_object, Items& out) const {
    if (of_object ? item.is_object() : item.is_array()) {
      out.insert(out.end(), item.items.begin(), item.items.end());
    } else if (is_strict_) {
      if (of_object) {
        throw SqlError("2203C",
                       "jsonpath wildcard member accessor can only be applied to an object");
      }
      throw SqlError(no_array, "jsonpath wildcard array accessor can only be applied to an array");
    } else if (!of_object) {
      out.push_back(item);
    }
  }

  // A short path can lead to more items than memory holds: "$.**.**.**".
  static void check_size(const Items& items) {
    constexpr std::size_t max_items = 1000000;
    if (items.size() <= max_items) return;
    throw SqlError(types::sqlstate::program_limit_exceeded,
                   "jsonpath query leads to too many items");
  }

  void add_descendants(const JsonValue& item, Items& out) const {
    check_size(out);
    out.push_back(item);
    for (const JsonValue& child : item.items) add_descendants(child, out);
  }

  std::int64_t index(const JsonPathNode& node, const JsonValue& current) {
    Items items = evaluate(node, current);
    auto number = items.size() == 1 && items[0].kind == JsonValue::Kind::number
                      ? Numeric::parse(items[0].text).truncated(0).to_int64()
                      : std::nullopt;
    if (number) return *number;
    throw SqlError(bad_subscript, "jsonpath array subscript is not a single numeric value");
  }

  void add_subscripts(const JsonPathNode& node, const JsonValue& item, const JsonValue& current,
                      Items& out) {
    if (!item.is_array() && is_strict_) {
      throw SqlError(no_array, "jsonpath array accessor can only be applied to an array");
    }
    Items single;
    if (!item.is_array()) single.push_back(item);
    const Items& elements = item.is_array() ? item.items : single;
    auto size = static_cast<std::int64_t>(elements.size());
    std::int64_t outer_last = last_;
    last_ = size - 1;
    for (std::size_t i = 1; i + 1 < node.children.size(); i += 2) {
      std::int64_t first = index(*node.children[i], current);
      std::int64_t last = node.children[i + 1] ? index(*node.children[i + 1], current) : first;
      if (is_strict_ && (first < 0 || first > last || last >= size)) {
        throw SqlError(bad_subscript, "jsonpath array subscript is out of bounds");
      }
      for (std::int64_t at = std::max<std::int64_t>(first, 0); at <= std::min(last, size - 1);
           ++at) {
        out.push_back(elements[static_cast<std::size_t>(at)]);
      }
    }
    last_ = outer_last;
  }

  JsonValue method(const std::string& name, const JsonValue& item) const {
    if (name == "type") {
      constexpr const char* names[] = {"null", "boolean", "number", "string", "array", "object"};
      return JsonValue::make_string(names[static_cast<std::size_t>(item.kind)]);
    }
    if (name == "size") {
      if (!item.is_array() && is_strict_) {
        throw SqlError(no_array, "jsonpath item method .size() can only be applied to an array");
      }
      return JsonValue::make_number(std::to_string(item.is_array() ? item.items.size() : 1));
    }
    bool is_text_number = name == "double" && item.kind == JsonValue::Kind::string;
    if (item.kind != JsonValue::Kind::number && !is_text_number) {
      throw SqlError("22036",
                     fmt::format("jsonpath item method .{}() can only be applied to a {}", name,
                                 name == "double" ? "string or numeric value" : "numeric value"));
    }
    Numeric number = Numeric::parse(item.text);
    if (name == "abs") number = number.absolute();
    if (name == "floor") number = number.floored();
    if (name == "ceiling") number = number.ceiling();
    return JsonValue::make_number(number.to_string());
  }

  Numeric operand(const JsonPathNode& node, const JsonValue& current, std::string_view side,
                  std::string_view symbol) {
    Items items = unwrapped(evaluate(node, current));
    if (items.size() != 1 || items[0].kind != JsonValue::Kind::number) {
      throw SqlError(no_single_item,
                     fmt::format("{} operand of jsonpath operator {} is not a single numeric value",
                                 side, symbol));
    }
    return Numeric::parse(items[0].text);
  }

  JsonValue arithmetic(const JsonPathNode& node, const JsonValue& current) {
    constexpr std::string_view symbols[] = {"+", "-", "*", "/", "%"};
    auto which = static_cast<std::size_t>(node.kind) - static_cast<std::size_t>(Kind::add);
    Numeric a = operand(*node.children[0], current, "left", symbols[which]);
    Numeric b = operand(*node.children[1], current, "right", symbols[which]);
    switch (node.kind) {
      case Kind::add:
        return JsonValue::make_number(Numeric::add(a, b).to_string());
      case Kind::subtract:
        return JsonValue::make_number(Numeric::sub(a, b).to_string());
      case Kind::multiply:
        return JsonValue::make_number(Numeric::mul(a, b).to_string());
      case Kind::divide:
        return JsonValue::make_number(Numeric::div(a, b).to_string());
      default:
        return JsonValue::make_number(Numeric::mod(a, b).to_string());
    }
  }

  Items sign(const JsonPathNode& node, const JsonValue& current) {
    Items items = unwrapped(evaluate(*node.children[0], current));
    for (JsonValue& item : items) {
      if (item.kind != JsonValue::Kind::number) {
        throw SqlError(no_number,
                       fmt::format("operand of unary jsonpath operator {} is not a numeric value",
                                   node.kind == Kind::negate ? "-" : "+"));
      }
      if (node.kind == Kind::negate) item.text = Numeric::parse(item.text).negated().to_string();
    }
    return items;
  }

  Truth test(const JsonPathNode& node, const JsonValue& current) {
    switch (node.kind) {
      case Kind::both:
      case Kind::either: {
        Truth decisive = node.kind == Kind::both ? Truth::no : Truth::yes;
        Truth left = test(*node.children[0], current);
        if (left == decisive) return left;
        Truth right = test(*node.children[1], current);
        return right == decisive || left != Truth::unknown ? right : Truth::unknown;
      }
      case Kind::no: {
        Truth inner = test(*node.children[0], current);
        if (inner == Truth::unknown) return inner;
        return inner == Truth::yes ? Truth::no : Truth::yes;
      }
      case Kind::unknown:
        return test(*node.children[0], current) == Truth::unknown ? Truth::yes : Truth::no;
      default:
        break;
    }
    // Errors within a predicate make it unknown.
    try {
      if (node.kind == Kind::exists) {
        return evaluate(*node.children[0], current).empty() ? Truth::no : Truth::yes;
      }
      if (node.kind >= Kind::equal) return compare(node, current);
      Items items = evaluate(node, current);
      bool is_boolean = items.size() == 1 && items[0].kind == JsonValue::Kind::boolean;
      if (!is_boolean) return Truth::unknown;
      return items[0].boolean ? Truth::yes : Truth::no;
    } catch (const SqlError& error) {
      if (error.sqlstate().substr(0, 2) == "22") return Truth::unknown;
      throw;
    }
  }

  // True when a pair of items is; lax mode stops there, strict mode wants no pair unknown.
  Truth compare(const JsonPathNode& node, const JsonValue& current) {
    Items left = unwrapped(evaluate(*node.children[0], current));
    Items right(1);
    if (node.kind != Kind::like_regex) {
      right = unwrapped(evaluate(*node.children[1], current));
    }
    bool found = false;
    bool has_unknown = false;
    for (const JsonValue& a : left) {
      for (const JsonValue& b : right) {
        Truth truth = compare_items(node, a, b);
        if (truth == Truth::yes && !is_strict_) return truth;
        found = found || truth == Truth::yes;
        has_unknown = has_unknown || truth == Truth::unknown;
        if (has_unknown && is_strict_) return Truth::unknown;
      }
    }
    if (found) return Truth::yes;
    return has_unknown ? Truth::unknown : Truth::no;
  }

  static Truth truth_of(bool value) { return value ? Truth::yes : Truth::no; }

  static Truth compare_items(const JsonPathNode& node, const JsonValue& a, const JsonValue& b) {
    bool is_text = a.kind == JsonValue::Kind::string;
    if (node.kind == Kind::like_regex) {
      if (!is_text) return Truth::unknown;
      std::string flags = node.flags;
      return truth_of(Regex::compile(node.text, parse_regex_flags(flags))->matches(a.text));
    }
    if (node.kind == Kind::starts_with) {
      if (!is_text || b.kind != JsonValue::Kind::string) return Truth::unknown;
      return truth_of(a.text.starts_with(b.text));
    }
    if (a.kind != b.kind) {
      bool has_null = a.kind == JsonValue::Kind::null || b.kind == JsonValue::Kind::null;
      return has_null ? truth_of(node.kind == Kind::not_equal) : Truth::unknown;
    }
    if (a.is_container()) return Truth::unknown;
    int order = types::compare_json(a, b);
    switch (node.kind) {
      case Kind::equal:
        return truth_of(order == 0);
      case Kind::not_equal:
        return truth_of(order != 0);
      case Kind::less:
        return truth_of(order < 0);
      case Kind::less_equal:
        return truth_of(order <= 0);
      case Kind::greater:
        return truth_of(order > 0);
      default:
        return truth_of(order >= 0);
    }
  }

  bool is_strict_;
  const JsonValue& document_;
  const JsonValue& variables_;
  std::int64_t last_ = 0;
};

}  // namespace

std::vector<JsonValue> run_json_path(const JsonPath& path, const JsonValue& document,
                                     const JsonValue& variables) {
  return PathRunner(path.is_strict, document, variables).run(*path.root);
}

}  // namespace dvecdb::server::functions
