// One nearest-neighbour question as SQL: what search, recommend and discover are made of.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "server/http/rest/collection.h"
#include "server/http/rest/record.h"
#include "server/http/rest/sql.h"

namespace dvecdb::server::http::rest {

inline constexpr std::int64_t max_limit = 10000;
inline constexpr std::int64_t max_offset = 100000;

// What the bodies of search, recommend and discover have in common.
struct Page {
  std::int64_t limit = 10;
  std::int64_t offset = 0;
  std::optional<std::int64_t> ef_search;
  std::optional<double> target_recall;
  std::optional<double> score_threshold;
  Shown shown;
  const json::value* filter = nullptr;

  std::int64_t rows() const { return limit + offset; }
};
Page read_page(Members& body);

// Sets ef_search and target_recall for the transaction under way.
void set_search(Sql& sql, const Page& page);
bool needs_settings(const Page& page);

struct Hit {
  double distance = 0;
  Row row;  // of record_columns(), from 1 on
};

// The rows nearest to a vector that pass all conditions, nearest first. Rows without a distance (a
// NULL vector; a vector of length zero by cosine) are none.
struct Nearest {
  const Collection& collection;
  Shown shown;
  Parameters parameters;                // those of the conditions; grows
  std::vector<std::string> conditions;  // SQL
  std::string vector;                   // "[1,2,3]"

  std::vector<Hit> find(Sql& sql, std::int64_t limit, std::int64_t offset = 0);
};

// The hit as the API shows it.
json::object hit_of(const Collection& collection, Shown shown, const Hit& hit, double score);

// By cosine nothing is near to a vector of length zero: Failure 422.
void check_direction(const Collection& collection, const std::vector<double>& vector,
                     const std::string& where);
std::vector<double> numbers_of(const std::string& vector_text);
std::string text_of(const std::vector<double>& vector);

}  // namespace dvecdb::server::http::rest
