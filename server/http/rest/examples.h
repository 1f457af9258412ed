// Vectors that a request names as examples: by id, or as they are.
#pragma once

#include <string>
#include <vector>

#include "server/http/rest/collection.h"
#include "server/http/rest/nearest.h"

namespace dvecdb::server::http::rest {

class Examples {
 public:
  Examples(Sql& sql, const Collection& collection) : sql_(sql), collection_(collection) {}

  // An id or an array of numbers. Failure 404 for an id that is not there.
  std::string read(const json::value& value, const std::string& where);
  // The condition that leaves the examples themselves out; "" when none was given by id.
  std::string others(Parameters& parameters) const;

 private:
  Sql& sql_;
  const Collection& collection_;
  std::vector<std::string> ids_;
};

// In (0, 1), growing with the score.
double squashed(double score);

// LEAST of the distances to the vectors, in SQL.
std::string least_distance(const Collection& collection, const std::vector<std::string>& vectors,
                           Parameters& parameters);

}  // namespace dvecdb::server::http::rest
