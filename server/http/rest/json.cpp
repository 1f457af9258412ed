#include "server/http/rest/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "server/http/rest/failure.h"
#include "server/types/utf8.h"

namespace dvecdb::server::http::rest {

namespace {

Failure not_valid(const std::string& where, std::string_view wanted) {
  return {422, fmt::format("{}: {} is needed", where, wanted)};
}

void append_string(std::string& out, std::string_view text) {
  out += json::serialize(json::string_view(text.data(), text.size()));
}

void append(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::double_:
      if (std::isfinite(value.get_double())) {
        fmt::format_to(std::back_inserter(out), "{}", value.get_double());
      } else {
        out += "null";
      }
      return;
    case json::kind::array: {
      out += '[';
      bool is_first = true;
      for (const json::value& item : value.get_array()) {
        if (!is_first) out += ',';
        is_first = false;
        append(out, item);
      }
      out += ']';
      return;
    }
    case json::kind::object: {
      out += '{';
      bool is_first = true;
      for (const auto& [name, item] : value.get_object()) {
        if (!is_first) out += ',';
        is_first = false;
        append_string(out, std::string_view(name.data(), name.size()));
        out += ':';
        append(out, item);
      }
      out += '}';
      return;
    }
    default:
      out += json::serialize(value);
  }
}

}  // namespace

json::value parse_body(std::string_view body) {
  json::parse_options options;
  options.max_depth = max_json_depth;
  json::error_code error;
  json::value value = json::parse(json::string_view(body.data(), body.size()), error, {}, options);
  if (error == json::error::too_deep) {
    throw Failure(422, fmt::format("the body is nested deeper than {} levels", max_json_depth));
  }
  if (error) throw Failure(400, fmt::format("the body is not JSON: {}", error.message()));
  return value;
}

std::string json_text(const json::value& value) {
  std::string out;
  append(out, value);
  return out;
}

std::string shortened(std::string_view text) {
  constexpr std::size_t most = 100;
  if (text.size() <= most) return std::string(text);
  return std::string(types::utf8_clip(text, most)) + "...";
}

Members::Members(const json::value& value, std::string where)
    : object_(value.if_object()), where_(std::move(where)) {
  if (object_ == nullptr) throw not_valid(where_, "an object");
}

const json::value* Members::find(std::string_view name) {
  known_.emplace(name);
  const json::value* value = object_->if_contains(json::string_view(name.data(), name.size()));
  return value == nullptr || value->is_null() ? nullptr : value;
}

const json::value& Members::get(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) throw Failure(422, fmt::format("{} is missing", path(name)));
  return *value;
}

std::string Members::path(std::string_view name) const {
  return where_ == "the body" ? std::string(name) : fmt::format("{}.{}", where_, name);
}

std::optional<std::string> Members::optional_text(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) throw not_valid(path(name), "a string");
  return std::string(value->get_string().data(), value->get_string().size());
}

std::string Members::text(std::string_view name) {
  get(name);
  return *optional_text(name);
}

std::optional<std::int64_t> Members::optional_integer(std::string_view name, std::int64_t low,
                                                      std::int64_t high) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  json::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (error || number < low || number > high) {
    throw Failure(422, fmt::format("{}: {} is no whole number from {} to {}", path(name),
                                   shortened(json_text(*value)), low, high));
  }
  return number;
}

std::int64_t Members::integer(std::string_view name, std::int64_t low, std::int64_t high) {
  get(name);
  return *optional_integer(name, low, high);
}

std::optional<double> Members::optional_number(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) throw not_valid(path(name), "a number");
  const auto number = value->to_number<double>();
  if (!std::isfinite(number)) throw not_valid(path(name), "a finite number");
  return number;
}

double Members::number(std::string_view name) {
  get(name);
  return *optional_number(name);
}

bool Members::boolean(std::string_view name, bool otherwise) {
  const json::value* value = find(name);
  if (value == nullptr) return otherwise;
  if (!value->is_bool()) throw not_valid(path(name), "true or false");
  return value->get_bool();
}

const json::array& Members::array(std::string_view name, std::size_t most) {
  const json::value& value = get(name);
  if (!value.is_array()) throw not_valid(path(name), "an array");
  const json::array& items = value.get_array();
  if (items.empty() || items.size() > most) {
    throw Failure(
        422, fmt::format("{}: has {} elements; 1 to {} are taken", path(name), items.size(), most));
  }
  return items;
}

const json::object* Members::optional_object(std::string_view name) {
  const json::value* value = find(name);
  if (value == nullptr) return nullptr;
  if (!value->is_object()) throw not_valid(path(name), "an object");
  return &value->get_object();
}

void Members::finish() const {
  for (const auto& [key, value] : *object_) {
    const std::string name(key.data(), key.size());
    if (known_.count(name) > 0) continue;
    throw Failure(422, fmt::format("{} is not known here; known are {}", path(shortened(name)),
                                   fmt::join(known_, ", ")));
  }
}

std::size_t one_of(const std::string& text, const std::vector<std::string_view>& names,
                   const std::string& where) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) {
    throw Failure(422, fmt::format("{}: \"{}\" is none of {}", where, shortened(text),
                                   fmt::join(names, ", ")));
  }
  return static_cast<std::size_t>(found - names.begin());
}

std::string id_of(const json::value& value, const std::string& where) {
  if (value.is_int64()) return std::to_string(value.get_int64());
  if (value.is_uint64()) return std::to_string(value.get_uint64());
  if (!value.is_string()) throw not_valid(where, "a string or a whole number");
  return {value.get_string().data(), value.get_string().size()};
}

std::vector<std::string> ids_of(const json::array& values, const std::string& where) {
  std::vector<std::string> ids;
  ids.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    ids.push_back(id_of(values[i], fmt::format("{}[{}]", where, i)));
  }
  return ids;
}

std::string vector_text(const json::value& value, std::size_t dimension, const std::string& where) {
  if (!value.is_array()) throw not_valid(where, "an array of numbers");
  const json::array& items = value.get_array();
  if (items.size() != dimension) {
    throw Failure(422, fmt::format("{}: has {} components; the collection's vectors have {}", where,
                                   items.size(), dimension));
  }
  std::string text = "[";
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string place = fmt::format("{}[{}]", where, i);
    if (!items[i].is_number()) throw not_valid(place, "a number");
    const auto number = items[i].to_number<double>();
    if (!(std::abs(number) <= std::numeric_limits<float>::max())) {
      throw Failure(422, fmt::format("{}: {} is beyond what a float can be", place, number));
    }
    fmt::format_to(std::back_inserter(text), "{}{}", i == 0 ? "" : ",", number);
  }
  return text + "]";
}

}  // namespace dvecdb::server::http::rest
