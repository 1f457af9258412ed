// Indexes that filters use: on a column, or on a member of metadata. Make, list, drop.
#include <fmt/format.h>

#include <algorithm>

#include "server/http/rest/call.h"
#include "server/http/rest/collection.h"
#include "server/http/rest/failure.h"
#include "server/http/rest/filter_field.h"

namespace dvecdb::server::http::rest {

namespace {

// Of one key, and nothing but an index: dropping it changes no answer.
constexpr std::string_view indexes_sql = R"(
  SELECT x.relname, a.attname, pg_get_expr(i.indexprs, i.indrelid)
  FROM pg_index i
  JOIN pg_class x ON x.oid = i.indexrelid
  JOIN pg_am m ON m.oid = x.relam AND m.amname = 'btree'
  LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
  WHERE i.indrelid = $1::oid AND i.indnatts = 1 AND NOT i.indisunique AND i.indpred IS NULL
  ORDER BY i.indexrelid)";

struct FieldIndex {
  std::string name;
  std::string field;
};

std::vector<FieldIndex> indexes_of(Sql& sql, const Collection& collection) {
  std::vector<FieldIndex> indexes;
  for (const Row& row : sql.rows(indexes_sql, {collection.oid})) {
    if (row[1] && collection.field(*row[1]) != nullptr) {
      indexes.push_back({*row[0], *row[1]});
    } else if (const auto member = row[2] ? member_in(*row[2]) : std::nullopt) {
      indexes.push_back({*row[0], *member});
    }
  }
  return indexes;
}

json::object describe(const std::string& field) {
  return {{"field_name", field}};
}

Response create(Call& call) {
  const json::value value = parse_body(call.request.body);
  Members body(value, "the body");
  const std::string field = body.text("field_name");
  // jsonb's order has them all, so one index serves each.
  if (const auto schema = body.optional_text("field_schema")) {
    one_of(*schema, {"keyword", "integer", "float", "bool"}, "field_schema");
  }
  body.finish();
  const Collection collection = find_collection(call.sql, call.collection());
  const FieldPlace place = find_field(field, collection, "field_name");
  if (place.column == nullptr && !place.is_member) {
    throw Failure(422, fmt::format("field_name: \"{}\" is a path; an index is on a whole field",
                                   shortened(field)));
  }
  const auto indexes = indexes_of(call.sql, collection);
  const bool is_there = std::any_of(indexes.begin(), indexes.end(),
                                    [&](const FieldIndex& index) { return index.field == field; });
  if (!is_there) {
    call.sql.run(
        fmt::format("CREATE INDEX ON {} ({})", collection.table(),
                    place.column != nullptr ? quote_name(field) : "(" + place.document + ")"));
  }
  return answer(describe(field));
}

Response list(Call& call) {
  std::vector<std::string> fields;
  for (const FieldIndex& index : indexes_of(call.sql, find_collection(call.sql, call.collection())))
    fields.push_back(index.field);
  std::sort(fields.begin(), fields.end());
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
  json::array described;
  for (const std::string& field : fields) described.push_back(describe(field));
  return answer(described);
}

Response remove(Call& call) {
  const Collection collection = find_collection(call.sql, call.collection());
  const std::string& field = call.parameter("field");
  std::vector<std::string> names;
  for (const FieldIndex& index : indexes_of(call.sql, collection)) {
    if (index.field == field) names.push_back("public." + quote_name(index.name));
  }
  if (names.empty()) {
    throw Failure(404, fmt::format("collection \"{}\" has no index on field \"{}\"",
                                   collection.name, shortened(field)));
  }
  call.sql.run(fmt::format("DROP INDEX {}", fmt::join(names, ", ")));
  return answer(describe(field));
}

}  // namespace

std::vector<RestRoute> field_index_routes() {
  return {
      {"PUT", "/collections/{name}/index", create},
      {"GET", "/collections/{name}/index", list},
      {"DELETE", "/collections/{name}/index/{field}", remove},
  };
}

}  // namespace dvecdb::server::http::rest
