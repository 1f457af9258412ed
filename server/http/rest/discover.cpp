#include "server/http/rest/discover.h"

#include <fmt/format.h>

#include "server/http/rest/collection.h"
#include "server/http/rest/examples.h"
#include "server/http/rest/failure.h"
#include "server/http/rest/filter.h"
#include "server/http/rest/nearest.h"

namespace dvecdb::server::http::rest {

namespace {

constexpr std::size_t max_pairs = 16;

struct Pair {
  std::string positive, negative;
};

struct Discovery {
  Page page;
  std::string target;  // "": none
  std::vector<Pair> pairs;
  std::vector<std::string> conditions;
  Parameters parameters;
};

Discovery read_discovery(Sql& sql, const json::value& value, const Collection& collection) {
  Members body(value, "the body");
  Discovery wanted;
  wanted.page = read_page(body);
  Examples examples(sql, collection);
  if (const json::value* target = body.find("target")) {
    wanted.target = examples.read(*target, "target");
  }
  if (body.has("context")) {
    const json::array& pairs = body.array("context", max_pairs);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      Members pair(pairs[i], fmt::format("context[{}]", i));
      wanted.pairs.push_back({examples.read(pair.get("positive"), pair.path("positive")),
                              examples.read(pair.get("negative"), pair.path("negative"))});
      pair.finish();
    }
  }
  if (wanted.target.empty() && wanted.pairs.empty()) {
    throw Failure(422, "one of target and context is needed");
  }
  for (const std::string& condition :
       {read_filter(body, collection, wanted.parameters), examples.others(wanted.parameters)}) {
    if (!condition.empty()) wanted.conditions.push_back(condition);
  }
  body.finish();
  return wanted;
}

// Adds for each pair what `form` makes of the distances to its two examples.
std::string sum_over_pairs(const Discovery& wanted, const Collection& collection,
                           Parameters& parameters, std::string_view form) {
  std::vector<std::string> parts;
  const auto distance = [&](const std::string& vector) {
    return collection.distance(parameters.add(vector, collection.vector_sql_type()));
  };
  for (const Pair& pair : wanted.pairs) {
    const std::string positive = distance(pair.positive);
    parts.push_back(fmt::format(fmt::runtime(form), positive, distance(pair.negative)));
  }
  return fmt::format("({})", fmt::join(parts, " + "));
}

// Rows that are on the right side of more pairs come first, among equals the nearest to the
// target: one search by the target for each number of pairs, until there are enough rows.
json::array by_target(Sql& sql, const Discovery& wanted, const Collection& collection) {
  json::array hits;
  const auto rows = static_cast<std::size_t>(wanted.page.rows());
  std::vector<std::pair<double, Hit>> found;
  const int pairs = static_cast<int>(wanted.pairs.size());
  for (int right = pairs; right >= 0 && found.size() < rows; --right) {
    Nearest nearest{collection, wanted.page.shown, wanted.parameters, wanted.conditions,
                    wanted.target};
    if (pairs > 0) {
      nearest.conditions.push_back(
          fmt::format("{} = {}",
                      sum_over_pairs(wanted, collection, nearest.parameters,
                                     "CASE WHEN {} < {} THEN 1 ELSE 0 END"),
                      right));
    }
    const double rank = 2.0 * right - pairs;  // +1 and -1 for each pair
    for (Hit& hit : nearest.find(sql, static_cast<std::int64_t>(rows - found.size()))) {
      const double score = rank + squashed(score_of(collection.metric, hit.distance));
      found.emplace_back(score, std::move(hit));
    }
  }
  for (std::size_t i = static_cast<std::size_t>(wanted.page.offset); i < found.size(); ++i) {
    if (wanted.page.score_threshold && found[i].first < *wanted.page.score_threshold) break;
    hits.push_back(hit_of(collection, wanted.page.shown, found[i].second, found[i].first));
  }
  return hits;
}

// Without a target: by how far rows are on the wrong sides. No index has that order.
json::array by_context(Sql& sql, const Discovery& wanted, const Collection& collection) {
  Parameters parameters = wanted.parameters;
  const std::string loss =
      sum_over_pairs(wanted, collection, parameters, "least({1} - {0}, 0::float8)");
  std::vector<std::string> conditions = wanted.conditions;
  conditions.push_back(loss + " <> 'NaN'");
  const auto rows = sql.rows(
      fmt::format("SELECT {0}, {1} FROM {2} WHERE {3} ORDER BY {0} DESC, {4} LIMIT {5} OFFSET {6}",
                  loss, record_columns(collection, wanted.page.shown), collection.table(),
                  fmt::join(conditions, " AND "), quote_name(collection.key.name),
                  wanted.page.limit, wanted.page.offset),
      parameters.values());
  json::array hits;
  for (const Row& row : rows) {
    const double score = std::strtod(row.at(0)->c_str(), nullptr);
    if (wanted.page.score_threshold && score < *wanted.page.score_threshold) break;
    hits.push_back(hit_of(collection, wanted.page.shown, {0, row}, score));
  }
  return hits;
}

}  // namespace

Response discover(Call& call) {
  const json::value body = parse_body(call.request.body);
  Transaction transaction(call.sql, one_snapshot);
  const Collection collection = find_collection(call.sql, call.collection());
  const Discovery wanted = read_discovery(call.sql, body, collection);
  set_search(call.sql, wanted.page);
  const json::array hits = wanted.target.empty() ? by_context(call.sql, wanted, collection)
                                                 : by_target(call.sql, wanted, collection);
  transaction.commit();
  return answer(hits);
}

}  // namespace dvecdb::server::http::rest
