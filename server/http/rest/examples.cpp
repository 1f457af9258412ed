#include "server/http/rest/examples.h"

#include <fmt/format.h>

#include <cmath>

#include "server/http/rest/failure.h"

namespace dvecdb::server::http::rest {

std::string Examples::read(const json::value& value, const std::string& where) {
  std::string text;
  if (value.is_array()) {
    text = collection_.checked_vector(value, where);
  } else {
    const std::string id = id_of(value, where);
    Parameters parameters;
    const std::string key = parameters.add(id, collection_.key.type);
    const auto rows = sql_.rows(
        fmt::format("SELECT {}::text FROM {} WHERE {} = {}", quote_name(collection_.vector.name),
                    collection_.table(), quote_name(collection_.key.name), key),
        parameters.values());
    if (rows.empty() || !rows.front().front()) {
      throw Failure(404, fmt::format("{}: collection \"{}\" has no vector with id \"{}\"", where,
                                     collection_.name, id));
    }
    text = *rows.front().front();
    ids_.push_back(id);
  }
  check_direction(collection_, numbers_of(text), where);
  return text;
}

std::string Examples::others(Parameters& parameters) const {
  if (ids_.empty()) return "";
  return fmt::format("NOT ({} = ANY ({}))", quote_name(collection_.key.name),
                     parameters.add(array_text(ids_), collection_.key.type + "[]"));
}

double squashed(double score) {
  return 0.5 * (1 + score / (1 + std::abs(score)));
}

std::string least_distance(const Collection& collection, const std::vector<std::string>& vectors,
                           Parameters& parameters) {
  std::vector<std::string> distances;
  for (const std::string& vector : vectors) {
    distances.push_back(collection.distance(parameters.add(vector, collection.vector_sql_type())));
  }
  return fmt::format("least({})", fmt::join(distances, ", "));
}

}  // namespace dvecdb::server::http::rest
