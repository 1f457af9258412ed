// Search, batch search.
#include <fmt/format.h>

#include "server/http/rest/call.h"
#include "server/http/rest/discover.h"
#include "server/http/rest/failure.h"
#include "server/http/rest/filter.h"
#include "server/http/rest/nearest.h"
#include "server/http/rest/recommend.h"

namespace dvecdb::server::http::rest {

namespace {

constexpr std::size_t max_searches = 100;

struct Search {
  Page page;
  Nearest nearest;
};

Search read_search(const json::value& value, const std::string& where,
                   const Collection& collection) {
  Members body(value, where);
  Search search{read_page(body), {collection, {}, {}, {}, {}}};
  Nearest& nearest = search.nearest;
  nearest.shown = search.page.shown;
  nearest.vector = collection.checked_vector(body.get("vector"), body.path("vector"));
  check_direction(collection, numbers_of(nearest.vector), body.path("vector"));
  const std::string filter = read_filter(body, collection, nearest.parameters);
  if (!filter.empty()) nearest.conditions.push_back(filter);
  body.finish();
  return search;
}

json::array run_search(Sql& sql, Search& search) {
  const Collection& collection = search.nearest.collection;
  json::array hits;
  for (const Hit& hit : search.nearest.find(sql, search.page.limit, search.page.offset)) {
    const double score = score_of(collection.metric, hit.distance);
    // The nearest come first: whoever follows scores less.
    if (search.page.score_threshold && score < *search.page.score_threshold) break;
    json::object found = hit_of(collection, search.page.shown, hit, score);
    found["distance"] = hit.distance;
    hits.push_back(std::move(found));
  }
  return hits;
}

Response search_one(Call& call) {
  const json::value body = parse_body(call.request.body);
  const Collection collection = find_collection(call.sql, call.collection());
  Search search = read_search(body, "the body", collection);
  if (!needs_settings(search.page)) return answer(run_search(call.sql, search));
  Transaction transaction(call.sql, one_snapshot);
  set_search(call.sql, search.page);
  json::array hits = run_search(call.sql, search);
  transaction.commit();
  return answer(hits);
}

// All of one snapshot.
Response search_batch(Call& call) {
  const json::value value = parse_body(call.request.body);
  Members body(value, "the body");
  const json::array& searches = body.array("searches", max_searches);
  body.finish();
  Transaction transaction(call.sql, one_snapshot);
  const Collection collection = find_collection(call.sql, call.collection());
  json::array results;
  for (std::size_t i = 0; i < searches.size(); ++i) {
    Search search = read_search(searches[i], fmt::format("searches[{}]", i), collection);
    if (needs_settings(search.page)) call.sql.run("SAVEPOINT search");
    set_search(call.sql, search.page);
    results.push_back(run_search(call.sql, search));
    // Takes the settings back, too.
    if (needs_settings(search.page)) call.sql.run("ROLLBACK TO search");
  }
  transaction.commit();
  return answer(results);
}

}  // namespace

std::vector<RestRoute> search_routes() {
  return {
      {"POST", "/collections/{name}/search", search_one},
      {"POST", "/collections/{name}/search/batch", search_batch},
      {"POST", "/collections/{name}/recommend", recommend},
      {"POST", "/collections/{name}/discover", discover},
  };
}

}  // namespace dvecdb::server::http::rest
