#include "server/http/rest/record.h"

#include <fmt/format.h>

#include "server/http/rest/failure.h"

namespace dvecdb::server::http::rest {

namespace {

std::string text_of(const json::value& value) {
  if (value.is_string()) return {value.get_string().data(), value.get_string().size()};
  return json_text(value);
}

// A JSON array as an array of SQL.
std::string array_literal(const json::array& items) {
  std::string out = "{";
  for (const json::value& item : items) {
    if (out.size() > 1) out += ',';
    if (item.is_null()) {
      out += "NULL";
    } else if (item.is_array()) {
      out += array_literal(item.get_array());
    } else {
      const std::string one = array_text({text_of(item)});
      out += one.substr(1, one.size() - 2);
    }
  }
  return out + "}";
}

bool is_array_type(const std::string& type) {
  return type.size() > 2 && type.compare(type.size() - 2, 2, "[]") == 0;
}

// What a JSON value is as the text of a column's type.
Text column_text(const Column& column, const json::value& value) {
  if (column.type == "json" || column.type == "jsonb") return json_text(value);
  if (value.is_null()) return std::nullopt;
  if (value.is_array() && is_array_type(column.type)) return array_literal(value.get_array());
  return text_of(value);
}

// The members that are columns' go to `assignments`, the others are left.
json::object split_off_columns(const json::object& metadata, const std::string& where,
                               const Collection& collection, Parameters& parameters,
                               std::vector<Assignment>& assignments) {
  json::object rest;
  for (const auto& [key, value] : metadata) {
    const Column* column = collection.field(std::string_view(key.data(), key.size()));
    if (column != nullptr) {
      assignments.push_back(
          {column->name, parameters.add(column_text(*column, value), column->type)});
      continue;
    }
    if (collection.metadata_column.empty()) {
      throw Failure(422, fmt::format("{}.{}: the collection has no such column, and no column "
                                     "metadata of type jsonb that could take it",
                                     where, std::string_view(key.data(), key.size())));
    }
    rest[key] = value;
  }
  return rest;
}

}  // namespace

Shown read_shown(Members& body, Shown otherwise) {
  return {body.boolean("with_vectors", otherwise.vector),
          body.boolean("with_metadata", otherwise.metadata)};
}

std::string record_columns(const Collection& collection, Shown shown) {
  std::string list = fmt::format("{}::text", quote_name(collection.key.name));
  if (shown.vector) list += fmt::format(", {}::text", quote_name(collection.vector.name));
  if (!shown.metadata) return list;
  if (!collection.metadata_column.empty()) list += ", " + quote_name(collection.metadata_column);
  for (const Column& field : collection.fields) {
    list += fmt::format(", to_jsonb({})", quote_name(field.name));
  }
  return list;
}

json::object record_of(const Collection& collection, Shown shown, const Row& row, std::size_t at) {
  const auto next = [&]() -> json::value {
    const Text& text = row.at(at++);
    json::parse_options options;
    options.max_depth = max_json_depth + 8;
    return text ? json::parse(*text, {}, options) : json::value(nullptr);
  };
  json::object record{{"id", row.at(at++).value_or("")}};
  if (shown.vector) record["vector"] = next();
  if (!shown.metadata) return record;
  json::object metadata;
  if (!collection.metadata_column.empty()) {
    json::value stored = next();
    if (stored.is_object()) {
      metadata = std::move(stored.get_object());
    } else if (!stored.is_null()) {
      metadata["metadata"] = std::move(stored);
    }
  }
  for (const Column& field : collection.fields) metadata[field.name] = next();
  record["metadata"] = std::move(metadata);
  return record;
}

NewRecord read_record(const json::value& value, const std::string& where,
                      const Collection& collection, Parameters& parameters) {
  Members members(value, where);
  NewRecord record;
  if (const json::value* id = members.find("id")) {
    record.id = id_of(*id, members.path("id"));
    if (record.id.empty()) throw Failure(422, members.path("id") + ": must not be empty");
    record.assignments.push_back(
        {collection.key.name, parameters.add(record.id, collection.key.type)});
  }
  const std::string vector =
      collection.checked_vector(members.get("vector"), members.path("vector"));
  record.assignments.push_back(
      {collection.vector.name, parameters.add(vector, collection.vector_sql_type())});
  if (const json::object* metadata = members.optional_object("metadata")) {
    const json::object rest = split_off_columns(*metadata, members.path("metadata"), collection,
                                                parameters, record.assignments);
    if (!collection.metadata_column.empty()) {
      record.assignments.push_back(
          {collection.metadata_column, parameters.add(json_text(rest), "jsonb")});
    }
  }
  members.finish();
  return record;
}

std::vector<Assignment> read_metadata_change(const json::object& metadata, const std::string& where,
                                             const Collection& collection, Parameters& parameters) {
  std::vector<Assignment> assignments;
  const json::object rest = split_off_columns(metadata, where, collection, parameters, assignments);
  json::object replaced;
  std::vector<std::string> removed;
  for (const auto& [key, value] : rest) {
    if (value.is_null()) {
      removed.emplace_back(key.data(), key.size());
    } else {
      replaced[key] = value;
    }
  }
  std::string changed = fmt::format("coalesce({}, '{{}}')", quote_name(collection.metadata_column));
  if (!replaced.empty()) changed += " || " + parameters.add(json_text(replaced), "jsonb");
  if (!removed.empty()) {
    changed = fmt::format("({}) - {}", changed, parameters.add(array_text(removed), "text[]"));
  }
  if (!rest.empty()) assignments.push_back({collection.metadata_column, changed});
  return assignments;
}

}  // namespace dvecdb::server::http::rest
