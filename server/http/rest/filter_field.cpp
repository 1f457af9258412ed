#include "server/http/rest/filter_field.h"

#include <fmt/format.h>

#include <algorithm>

#include "server/http/rest/failure.h"
#include "server/http/rest/json.h"
#include "server/http/rest/sql.h"

namespace dvecdb::server::http::rest {

namespace {

constexpr std::size_t max_key_bytes = 1024;

// A name in a path: a string literal of jsonpath is one of JSON.
std::string member(std::string_view name) {
  return "." + json::serialize(json::string_view(name.data(), name.size()));
}

}  // namespace

std::string metadata_member(const Collection& collection, std::string_view name) {
  return fmt::format("({} -> {})", quote_name(collection.metadata_column), quote_text(name));
}

FieldPlace find_field(const std::string& key, const Collection& collection,
                      const std::string& where) {
  if (key.empty() || key.size() > max_key_bytes) {
    throw Failure(422, fmt::format("{}: a field's name has 1 to {} bytes", where, max_key_bytes));
  }
  if (key.find('\0') != std::string::npos) {
    throw Failure(422, where + ": must not have a NUL character");
  }
  FieldPlace place{"", "$", nullptr, false, false};
  std::string_view rest = key;
  while (true) {
    const std::size_t dot = rest.find('.');
    std::string_view name = rest.substr(0, dot);
    std::size_t elements = 0;
    while (name.size() >= 2 && name.substr(name.size() - 2) == "[]") {
      name.remove_suffix(2);
      ++elements;
    }
    if (name.empty()) {
      throw Failure(422, fmt::format("{}: \"{}\" has an empty name between its dots", where, key));
    }
    const bool is_first = place.document.empty();
    const Column* column = is_first ? collection.field(name) : nullptr;
    if (column != nullptr) {
      place.document = fmt::format("coalesce(to_jsonb({}), 'null')", quote_name(column->name));
      if (dot == std::string_view::npos && elements == 0) place.column = column;
    } else if (is_first) {
      if (collection.metadata_column.empty()) {
        throw Failure(422, fmt::format("{}: the collection has no column \"{}\" and no column "
                                       "metadata of type jsonb",
                                       where, name));
      }
      place.document = metadata_member(collection, name);
      place.is_member = dot == std::string_view::npos && elements == 0;
      const auto& indexed = collection.indexed_members;
      place.is_indexed =
          place.is_member && std::find(indexed.begin(), indexed.end(), name) != indexed.end();
    } else {
      place.path += member(name);
    }
    for (; elements > 0; --elements) place.path += "[*]";
    if (dot == std::string_view::npos) return place;
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace dvecdb::server::http::rest
