#include "server/http/rest/nearest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "server/http/rest/failure.h"

namespace dvecdb::server::http::rest {

Page read_page(Members& body) {
  Page page;
  page.limit = body.optional_integer("limit", 1, max_limit).value_or(page.limit);
  page.offset = body.optional_integer("offset", 0, max_offset).value_or(page.offset);
  page.ef_search = body.optional_integer("ef_search", 1, 1000);
  page.target_recall = body.optional_number("target_recall");
  if (page.target_recall && (*page.target_recall < 0.5 || *page.target_recall > 0.9999)) {
    throw Failure(422, fmt::format("{}: {} is not from 0.5 to 0.9999", body.path("target_recall"),
                                   *page.target_recall));
  }
  page.score_threshold = body.optional_number("score_threshold");
  page.shown = read_shown(body);
  page.filter = body.find("filter");
  return page;
}

bool needs_settings(const Page& page) {
  return page.ef_search || page.target_recall;
}

void set_search(Sql& sql, const Page& page) {
  if (page.ef_search) sql.run(fmt::format("SET LOCAL hnsw.ef_search = {}", *page.ef_search));
  if (page.target_recall) {
    sql.run(fmt::format("SET LOCAL hnsw.target_recall = {}", *page.target_recall));
  }
}

std::vector<Hit> Nearest::find(Sql& sql, std::int64_t limit, std::int64_t offset) {
  Parameters all = parameters;
  const std::string distance = collection.distance(all.add(vector, collection.vector_sql_type()));
  const std::string statement = fmt::format(
      "SELECT {0}, {1} FROM {2}{3} ORDER BY {0} LIMIT {4} OFFSET {5}", distance,
      record_columns(collection, shown), collection.table(),
      conditions.empty() ? "" : fmt::format(" WHERE {}", fmt::join(conditions, " AND ")),
      all.add(std::to_string(limit), "bigint"), all.add(std::to_string(offset), "bigint"));
  std::vector<Hit> hits;
  for (Row& row : sql.rows(statement, all.values())) {
    const double found = row[0] ? std::strtod(row[0]->c_str(), nullptr) : std::nan("");
    if (std::isnan(found)) break;  // these come last
    hits.push_back({found, std::move(row)});
  }
  return hits;
}

json::object hit_of(const Collection& collection, Shown shown, const Hit& hit, double score) {
  json::object found = record_of(collection, shown, hit.row, 1);
  found["score"] = score;
  return found;
}

void check_direction(const Collection& collection, const std::vector<double>& vector,
                     const std::string& where) {
  if (collection.metric != Metric::cosine) return;
  if (std::any_of(vector.begin(), vector.end(), [](double x) { return x != 0; })) return;
  throw Failure(422, fmt::format("{}: has length zero, so that no cosine is defined", where));
}

std::vector<double> numbers_of(const std::string& vector_text) {
  std::vector<double> numbers;
  const char* at = vector_text.c_str();
  while (*at == '[' || *at == ',') {
    char* end = nullptr;
    numbers.push_back(std::strtod(at + 1, &end));
    at = end;
  }
  return numbers;
}

std::string text_of(const std::vector<double>& vector) {
  return fmt::format("[{}]", fmt::join(vector, ","));
}

}  // namespace dvecdb::server::http::rest
