// Scroll and count.
#include <fmt/format.h>

#include "server/http/rest/call.h"
#include "server/http/rest/collection.h"
#include "server/http/rest/failure.h"
#include "server/http/rest/filter.h"
#include "server/http/rest/record.h"

namespace dvecdb::server::http::rest {

namespace {

constexpr std::int64_t max_page = 10000;
constexpr std::int64_t default_page = 100;

// A body that is not there stands for {}.
json::value optional_body(const Request& request) {
  return request.body.empty() ? json::object() : parse_body(request.body);
}

// By the order of keys, from behind the cursor, which is the last key of the page before: what is
// inserted or deleted meanwhile neither repeats nor skips others.
Response scroll(Call& call) {
  const json::value value = optional_body(call.request);
  Members body(value, "the body");
  const Collection collection = find_collection(call.sql, call.collection());
  Parameters parameters;
  const std::string filter = read_filter(body, collection, parameters);
  const auto limit = body.optional_integer("limit", 1, max_page).value_or(default_page);
  const auto cursor = body.optional_text("cursor");
  const Shown shown = read_shown(body);
  body.finish();

  const std::string key = quote_name(collection.key.name);
  std::vector<std::string> conditions;
  if (!filter.empty()) conditions.push_back(filter);
  if (cursor) {
    conditions.push_back(fmt::format("{} > {}", key, parameters.add(*cursor, collection.key.type)));
  }
  // One more than asked for tells whether there is a next page.
  const auto rows = call.sql.rows(
      fmt::format(
          "SELECT {} FROM {}{} ORDER BY {} LIMIT {}", record_columns(collection, shown),
          collection.table(),
          conditions.empty() ? "" : fmt::format(" WHERE {}", fmt::join(conditions, " AND ")), key,
          parameters.add(std::to_string(limit + 1), "bigint")),
      parameters.values());
  const bool has_more = rows.size() > static_cast<std::size_t>(limit);
  json::array vectors;
  for (const Row& row : rows) {
    if (vectors.size() == static_cast<std::size_t>(limit)) break;
    vectors.push_back(record_of(collection, shown, row));
  }
  const json::value next = has_more ? vectors.back().as_object()["id"] : json::value(nullptr);
  return answer(json::object{{"vectors", std::move(vectors)}, {"next_cursor", next}});
}

Response count(Call& call) {
  const json::value value = optional_body(call.request);
  Members body(value, "the body");
  const Collection collection = find_collection(call.sql, call.collection());
  Parameters parameters;
  const std::string filter = read_filter(body, collection, parameters);
  body.finish();
  const auto rows = call.sql.rows(fmt::format("SELECT count(*) FROM {}{}", collection.table(),
                                              filter.empty() ? "" : " WHERE " + filter),
                                  parameters.values());
  return answer(json::object{{"count", std::stoll(*rows.at(0).at(0))}});
}

}  // namespace

std::vector<RestRoute> read_routes() {
  return {
      {"POST", "/collections/{name}/scroll", scroll},
      {"POST", "/collections/{name}/count", count},
  };
}

}  // namespace dvecdb::server::http::rest
