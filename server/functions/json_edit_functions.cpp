#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "server/functions/json_tables.h"
#include "server/types/array.h"
#include "server/types/error.h"

namespace dvecdb::server::functions {
namespace {

using types::JsonValue;
using types::SqlError;
using Kind = JsonValue::Kind;
namespace sqlstate = types::sqlstate;

enum class Edit { create, replace, insert_before, insert_after, remove };

bool may_add(Edit edit) {
  return edit != Edit::replace && edit != Edit::remove;
}

// Follows a path and edits what it leads to; a step that leads nowhere leaves all as it is.
class PathEditor {
 public:
  PathEditor(std::vector<Value> path, Edit edit, JsonValue replacement)
      : path_(std::move(path)), edit_(edit), replacement_(std::move(replacement)) {}

  void run(JsonValue& document) {
    if (!path_.empty()) edit(document, 0);
  }

 private:
  void edit(JsonValue& node, std::size_t level) {
    if (path_[level].is_null()) {
      throw SqlError(sqlstate::null_value_not_allowed,
                     fmt::format("path element at position {} is null", level + 1));
    }
    if (node.is_object()) edit_object(node, level);
    if (node.is_array()) edit_array(node, level);
  }

  void edit_object(JsonValue& node, std::size_t level) {
    std::string_view key = path_[level].as_bytes();
    bool is_last = level + 1 == path_.size();
    auto found = std::find(node.keys.begin(), node.keys.end(), key);
    if (found == node.keys.end()) {
      if (is_last && may_add(edit_)) node.add_member(std::string(key), replacement_);
      return;
    }
    auto item = node.items.begin() + (found - node.keys.begin());
    if (!is_last) return edit(*item, level + 1);
    if (edit_ == Edit::remove) {
      node.items.erase(item);
      node.keys.erase(found);
      return;
    }
    if (edit_ == Edit::insert_before || edit_ == Edit::insert_after) {
      throw json_error("cannot replace existing key")
          .hint("Try using the function jsonb_set to replace key value.");
    }
    *item = replacement_;
  }

  std::int64_t array_index(std::size_t level) const {
    std::string_view step = path_[level].as_bytes();
    std::int32_t index = 0;
    auto [stop, error] = std::from_chars(step.data(), step.data() + step.size(), index);
    if (error != std::errc() || stop != step.data() + step.size()) {
      throw SqlError(
          sqlstate::invalid_text_representation,
          fmt::format("path element at position {} is not an integer: \"{}\"", level + 1, step));
    }
    return index;
  }

  void edit_array(JsonValue& node, std::size_t level) {
    auto size = static_cast<std::int64_t>(node.items.size());
    std::int64_t index = array_index(level);
    bool is_last = level + 1 == path_.size();
    bool is_before = index < 0 && -index > size;
    if (index < 0) index += size;
    if (is_before || index >= size) {
      if (!is_last || !may_add(edit_)) return;
      node.items.insert(is_before ? node.items.begin() : node.items.end(), replacement_);
      return;
    }
    auto item = node.items.begin() + index;
    if (!is_last) return edit(*item, level + 1);
    switch (edit_) {
      case Edit::remove:
        node.items.erase(item);
        return;
      case Edit::insert_before:
        node.items.insert(item, replacement_);
        return;
      case Edit::insert_after:
        node.items.insert(item + 1, replacement_);
        return;
      case Edit::create:
      case Edit::replace:
        *item = replacement_;
        return;
    }
  }

  std::vector<Value> path_;
  Edit edit_;
  JsonValue replacement_;
};

Value edited(std::span<const Value> args, Edit edit, JsonValue replacement) {
  JsonValue document = load_json<true>(args[0]);
  if (!document.is_container()) {
    throw json_error(edit == Edit::remove ? "cannot delete path in scalar"
                                          : "cannot set path in scalar");
  }
  types::Array path = types::decode_array(args[1].as_bytes());
  if (path.dimensions.size() > 1) {
    throw SqlError(sqlstate::array_subscript_error, "wrong number of array subscripts");
  }
  PathEditor(std::move(path.elements), edit, std::move(replacement)).run(document);
  types::make_canonical(document);
  return jsonb_value(document);
}

Value set(const FunctionContext&, std::span<const Value> args) {
  Edit edit = args[3].as_boolean() ? Edit::create : Edit::replace;
  return edited(args, edit, load_json<true>(args[2]));
}

Value insert(const FunctionContext&, std::span<const Value> args) {
  Edit edit = args[3].as_boolean() ? Edit::insert_after : Edit::insert_before;
  return edited(args, edit, load_json<true>(args[2]));
}

Value delete_path(const FunctionContext&, std::span<const Value> args) {
  return edited(args, Edit::remove, {});
}

// jsonb_set that says what to do with a NULL.
Value set_lax(const FunctionContext& context, std::span<const Value> args) {
  if (args[0].is_null() || args[1].is_null() || args[3].is_null()) return Value::null();
  if (args[4].is_null()) {
    throw json_error(
        "null_value_treatment must be \"delete_key\", \"return_target\", "
        "\"use_json_null\", or \"raise_exception\"");
  }
  if (!args[2].is_null()) return set(context, args);
  std::string_view treatment = args[4].as_bytes();
  if (treatment == "raise_exception") {
    throw SqlError(sqlstate::null_value_not_allowed, "JSON value must not be null")
        .detail("Exception was raised because null_value_treatment is \"raise_exception\".")
        .hint(
            "To avoid, either change the null_value_treatment argument or ensure that an SQL "
            "NULL is not passed.");
  }
  if (treatment == "use_json_null") {
    return edited(args, args[3].as_boolean() ? Edit::create : Edit::replace, {});
  }
  if (treatment == "delete_key") return edited(args, Edit::remove, {});
  if (treatment == "return_target") return args[0];
  throw json_error(
      "null_value_treatment must be \"delete_key\", \"return_target\", "
      "\"use_json_null\", or \"raise_exception\"");
}

void delete_key(JsonValue& json, std::string_view key) {
  if (!json.is_container()) throw json_error("cannot delete from scalar");
  for (std::size_t i = json.items.size(); i > 0; --i) {
    const JsonValue& item = json.items[i - 1];
    bool is_key =
        json.is_object() ? json.keys[i - 1] == key : item.kind == Kind::string && item.text == key;
    if (!is_key) continue;
    auto offset = static_cast<std::ptrdiff_t>(i - 1);
    json.items.erase(json.items.begin() + offset);
    if (json.is_object()) json.keys.erase(json.keys.begin() + offset);
  }
}

Value remove_key(const FunctionContext&, std::span<const Value> args) {
  JsonValue json = load_json<true>(args[0]);
  delete_key(json, args[1].as_bytes());
  return jsonb_value(json);
}

Value remove_keys(const FunctionContext&, std::span<const Value> args) {
  JsonValue json = load_json<true>(args[0]);
  if (!json.is_container()) throw json_error("cannot delete from scalar");
  for (const Value& key : path_of(args, 1)) {
    if (!key.is_null()) delete_key(json, key.as_bytes());
  }
  return jsonb_value(json);
}

Value remove_index(const FunctionContext&, std::span<const Value> args) {
  JsonValue json = load_json<true>(args[0]);
  if (!json.is_container()) throw json_error("cannot delete from scalar");
  if (json.is_object()) throw json_error("cannot delete from object using integer index");
  auto size = static_cast<std::int64_t>(json.items.size());
  std::int64_t index = args[1].as_integer();
  if (index < 0) index += size;
  if (index >= 0 && index < size) json.items.erase(json.items.begin() + index);
  return jsonb_value(json);
}

JsonValue as_array(JsonValue json) {
  if (json.is_array()) return json;
  JsonValue array = JsonValue::make(Kind::array);
  array.items.push_back(std::move(json));
  return array;
}

Value concatenate(const FunctionContext&, std::span<const Value> args) {
  JsonValue a = load_json<true>(args[0]);
  JsonValue b = load_json<true>(args[1]);
  if (a.is_object() && b.is_object()) {
    for (std::size_t i = 0; i < b.items.size(); ++i) a.add_member(b.keys[i], b.items[i]);
    types::make_canonical(a);
    return jsonb_value(a);
  }
  a = as_array(std::move(a));
  b = as_array(std::move(b));
  a.items.insert(a.items.end(), b.items.begin(), b.items.end());
  return jsonb_value(a);
}

void strip_nulls(JsonValue& json) {
  for (std::size_t i = json.items.size(); i > 0; --i) {
    auto offset = static_cast<std::ptrdiff_t>(i - 1);
    if (json.is_object() && json.items[i - 1].kind == Kind::null) {
      json.items.erase(json.items.begin() + offset);
      json.keys.erase(json.keys.begin() + offset);
    } else {
      strip_nulls(json.items[i - 1]);
    }
  }
}

// Without blanks, members as they come.
void append_compact(const JsonValue& json, std::string& out) {
  if (!json.is_container()) return types::append_jsonb(json, out);
  out.push_back(json.is_object() ? '{' : '[');
  for (std::size_t i = 0; i < json.items.size(); ++i) {
    if (i > 0) out.push_back(',');
    if (json.is_object()) {
      types::append_json_string(json.keys[i], out);
      out.push_back(':');
    }
    append_compact(json.items[i], out);
  }
  out.push_back(json.is_object() ? '}' : ']');
}

Value strip_nulls_json(const FunctionContext&, std::span<const Value> args) {
  JsonValue json = load_json<false>(args[0]);
  strip_nulls(json);
  std::string out;
  append_compact(json, out);
  return Value::text(std::move(out));
}

Value strip_nulls_jsonb(const FunctionContext&, std::span<const Value> args) {
  JsonValue json = load_json<true>(args[0]);
  strip_nulls(json);
  return jsonb_value(json);
}

void append_pretty(const JsonValue& json, std::size_t depth, std::string& out) {
  constexpr std::size_t indent = 4;
  if (!json.is_container()) return types::append_jsonb(json, out);
  out.push_back(json.is_object() ? '{' : '[');
  for (std::size_t i = 0; i < json.items.size(); ++i) {
    out += i > 0 ? ",\n" : "\n";
    out.append((depth + 1) * indent, ' ');
    if (json.is_object()) {
      types::append_json_string(json.keys[i], out);
      out += ": ";
    }
    append_pretty(json.items[i], depth + 1, out);
  }
  out.push_back('\n');
  out.append(depth * indent, ' ');
  out.push_back(json.is_object() ? '}' : ']');
}

Value pretty(const FunctionContext&, std::span<const Value> args) {
  std::string out;
  append_pretty(load_json<true>(args[0]), 0, out);
  return Value::text(std::move(out));
}

constexpr std::array entries{
    ScalarEntry{"jsonb_set", set},
    ScalarEntry{"jsonb_set_lax", set_lax},
    ScalarEntry{"jsonb_insert", insert},
    ScalarEntry{"jsonb_delete_path", delete_path},
    ScalarEntry{"jsonb_delete", remove_key},
    ScalarEntry{"jsonb_delete_array", remove_keys},
    ScalarEntry{"jsonb_delete_idx", remove_index},
    ScalarEntry{"jsonb_concat", concatenate},
    ScalarEntry{"json_strip_nulls", strip_nulls_json},
    ScalarEntry{"jsonb_strip_nulls", strip_nulls_jsonb},
    ScalarEntry{"jsonb_pretty", pretty},
};

}  // namespace

ScalarTable json_edit_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
