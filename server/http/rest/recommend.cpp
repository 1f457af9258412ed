#include "server/http/rest/recommend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "server/http/rest/collection.h"
#include "server/http/rest/examples.h"
#include "server/http/rest/failure.h"
#include "server/http/rest/filter.h"
#include "server/http/rest/nearest.h"

namespace dvecdb::server::http::rest {

namespace {

constexpr std::size_t max_examples = 64;

struct Scored {
  double score = 0;
  Hit hit;
};

struct Recommendation {
  Page page;
  bool is_best_score = false;
  std::vector<std::string> positive, negative;
  std::vector<std::string> conditions;
  Parameters parameters;
};

std::vector<std::string> read_examples(Members& body, std::string_view name, Examples& examples) {
  std::vector<std::string> vectors;
  if (!body.has(name)) return vectors;
  const json::array& items = body.array(name, max_examples);
  for (std::size_t i = 0; i < items.size(); ++i) {
    vectors.push_back(examples.read(items[i], fmt::format("{}[{}]", body.path(name), i)));
  }
  return vectors;
}

Recommendation read_recommendation(Sql& sql, const json::value& value,
                                   const Collection& collection) {
  Members body(value, "the body");
  Recommendation wanted;
  wanted.page = read_page(body);
  wanted.is_best_score = one_of(body.optional_text("strategy").value_or("average_vector"),
                                {"average_vector", "best_score"}, "strategy") == 1;
  Examples examples(sql, collection);
  wanted.positive = read_examples(body, "positive", examples);
  wanted.negative = read_examples(body, "negative", examples);
  if (wanted.positive.empty() && (!wanted.is_best_score || wanted.negative.empty())) {
    throw Failure(422, wanted.is_best_score ? "one of positive and negative is needed"
                                            : "positive is missing; average_vector needs it");
  }
  for (const std::string& condition :
       {read_filter(body, collection, wanted.parameters), examples.others(wanted.parameters)}) {
    if (!condition.empty()) wanted.conditions.push_back(condition);
  }
  body.finish();
  return wanted;
}

// The mean; of directions where the metric is the cosine.
std::vector<double> average(const Collection& collection, const std::vector<std::string>& vectors) {
  std::vector<double> sum(collection.dimension);
  for (const std::string& text : vectors) {
    const std::vector<double> vector = numbers_of(text);
    double length = 0;
    for (const double x : vector) length += x * x;
    const double scale = collection.metric == Metric::cosine ? 1 / std::sqrt(length) : 1;
    for (std::size_t i = 0; i < sum.size(); ++i) {
      sum[i] += vector[i] * scale / static_cast<double>(vectors.size());
    }
  }
  return sum;
}

std::vector<Scored> by_average(Sql& sql, const Recommendation& wanted,
                               const Collection& collection) {
  std::vector<double> query = average(collection, wanted.positive);
  if (!wanted.negative.empty()) {
    const std::vector<double> away = average(collection, wanted.negative);
    for (std::size_t i = 0; i < query.size(); ++i) query[i] += query[i] - away[i];
  }
  check_direction(collection, query, "the average of the examples");
  Nearest nearest{collection, wanted.page.shown, wanted.parameters, wanted.conditions,
                  text_of(query)};
  std::vector<Scored> found;
  for (Hit& hit : nearest.find(sql, wanted.page.rows())) {
    found.push_back({score_of(collection.metric, hit.distance), std::move(hit)});
  }
  return found;
}

// Rows that are nearer to some positive example than to every negative one, best first: one search
// by each positive example, with the negative ones in the condition.
void add_liked(Sql& sql, const Recommendation& wanted, const Collection& collection,
               std::vector<Scored>& found) {
  std::map<std::string, Hit> best;  // by id
  for (const std::string& positive : wanted.positive) {
    Nearest nearest{collection, wanted.page.shown, wanted.parameters, wanted.conditions, positive};
    if (!wanted.negative.empty()) {
      const std::string distance =
          collection.distance(nearest.parameters.add(positive, collection.vector_sql_type()));
      nearest.conditions.push_back(fmt::format(
          "{} < {}", distance, least_distance(collection, wanted.negative, nearest.parameters)));
    }
    for (Hit& hit : nearest.find(sql, wanted.page.rows())) {
      const std::string id = hit.row.at(1).value_or("");
      const auto at = best.find(id);
      if (at == best.end()) {
        best.emplace(id, std::move(hit));
      } else if (hit.distance < at->second.distance) {
        at->second = std::move(hit);
      }
    }
  }
  for (auto& [id, hit] : best) {
    found.push_back({squashed(score_of(collection.metric, hit.distance)), std::move(hit)});
  }
}

// The rest: rows nearer to a negative example, the farthest from the negative ones first. No index
// has that order: the rows are compared one by one.
void add_others(Sql& sql, const Recommendation& wanted, const Collection& collection,
                std::vector<Scored>& found) {
  Parameters parameters = wanted.parameters;
  std::vector<std::string> conditions = wanted.conditions;
  const std::string disliked = least_distance(collection, wanted.negative, parameters);
  if (!wanted.positive.empty()) {
    conditions.push_back(
        fmt::format("{} >= {}", least_distance(collection, wanted.positive, parameters), disliked));
  }
  conditions.push_back(disliked + " <> 'NaN'");
  const auto rows =
      sql.rows(fmt::format("SELECT {0}, {1} FROM {2} WHERE {3} ORDER BY {0} DESC LIMIT {4}",
                           disliked, record_columns(collection, wanted.page.shown),
                           collection.table(), fmt::join(conditions, " AND "),
                           wanted.page.rows() - static_cast<std::int64_t>(found.size())),
               parameters.values());
  for (const Row& row : rows) {
    const double distance = std::strtod(row.at(0)->c_str(), nullptr);
    found.push_back({-squashed(score_of(collection.metric, distance)), {distance, row}});
  }
}

std::vector<Scored> by_best_score(Sql& sql, const Recommendation& wanted,
                                  const Collection& collection) {
  std::vector<Scored> found;
  add_liked(sql, wanted, collection, found);
  std::stable_sort(found.begin(), found.end(),
                   [](const Scored& a, const Scored& b) { return a.score > b.score; });
  const auto rows = static_cast<std::size_t>(wanted.page.rows());
  if (found.size() > rows) found.resize(rows);
  if (found.size() < rows && !wanted.negative.empty()) {
    add_others(sql, wanted, collection, found);
  }
  return found;
}

}  // namespace

Response recommend(Call& call) {
  const json::value body = parse_body(call.request.body);
  Transaction transaction(call.sql, one_snapshot);
  const Collection collection = find_collection(call.sql, call.collection());
  const Recommendation wanted = read_recommendation(call.sql, body, collection);
  set_search(call.sql, wanted.page);
  const std::vector<Scored> found = wanted.is_best_score
                                        ? by_best_score(call.sql, wanted, collection)
                                        : by_average(call.sql, wanted, collection);
  json::array hits;
  for (std::size_t i = static_cast<std::size_t>(wanted.page.offset); i < found.size(); ++i) {
    if (wanted.page.score_threshold && found[i].score < *wanted.page.score_threshold) break;
    hits.push_back(hit_of(collection, wanted.page.shown, found[i].hit, found[i].score));
  }
  transaction.commit();
  return answer(hits);
}

}  // namespace dvecdb::server::http::rest
