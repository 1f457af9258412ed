// A collection: a table of schema public whose primary key is one column and that has a vector or
// halfvec column with a number of dimensions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/rest/json.h"
#include "server/http/rest/sql.h"

namespace dvecdb::server::http::rest {

enum class Metric : std::uint8_t { cosine, euclidean, dot_product, manhattan };

struct MetricName {
  Metric metric;
  std::string_view name;        // in the API
  std::string_view distance;    // the operator
  std::string_view op_classes;  // the end of the operator classes' names: "cosine_ops"
};
const MetricName& metric_name(Metric metric);
const MetricName& metric_named(const std::string& name, const std::string& where);
// Higher is nearer. Cosine: the cosine, dot product: the product, others: 1 / (1 + distance).
double score_of(Metric metric, double distance);

struct Column {
  std::string name;
  std::string type;  // as in SQL, "character varying(10)"
};

struct Collection {
  std::string name;
  std::string oid;
  Column key;
  Column vector;
  std::size_t dimension = 0;
  std::vector<Column> fields;   // columns that are metadata, one field each
  std::string metadata_column;  // the jsonb column named metadata, or ""
  std::string vector_type;      // in the API
  Metric metric = Metric::euclidean;
  bool has_index = false;
  int m = 16;
  int ef_construction = 64;
  std::string quantization = "auto";
  int quantizer_bits = 0;                    // 0: not set
  std::vector<std::string> indexed_members;  // of metadata: "color", by an index on its expression

  std::string table() const { return "public." + quote_name(name); }
  const Column* field(std::string_view field_name) const;
  // The distance of a row to a parameter, in SQL.
  std::string distance(const std::string& parameter) const;
  // A vector of the body, for a parameter of type vector_sql_type().
  std::string checked_vector(const json::value& value, const std::string& where) const;
  std::string vector_sql_type() const { return vector.type; }
};

// color of (metadata -> 'color'::text), as SQL shows an index's expression; nothing of others.
std::optional<std::string> member_in(std::string_view expression);

// Of Int8 collections: every component is one of its numbers.
inline constexpr std::string_view int8_constraint = "int8_components";

// Throws Failure 404, with a sentence on what a table lacks when it is no collection.
Collection find_collection(Sql& sql, const std::string& name);
// Those that the user may read, by name.
std::vector<Collection> list_collections(Sql& sql);

json::object describe(const Collection& collection);

}  // namespace dvecdb::server::http::rest
