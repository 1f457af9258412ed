// Create, list, get and delete collections; /stats.
#include <fmt/format.h>

#include <array>

#include "server/http/rest/call.h"
#include "server/http/rest/collection.h"
#include "server/http/rest/deleted.h"
#include "server/http/rest/failure.h"

namespace dvecdb::server::http::rest {

namespace {

constexpr std::size_t max_name_bytes = 63;

struct VectorType {
  std::string_view name;
  std::string_view sql;
  std::int64_t max_dimension;  // with an hnsw index
};
constexpr std::array<VectorType, 3> vector_types = {
    {{"Float32", "vector", 2000}, {"Float16", "halfvec", 4000}, {"Int8", "halfvec", 4000}}};

// Whole numbers from -128 to 127, as halfvec prints them.
constexpr std::string_view int8_pattern =
    R"(^\[(-?(\d{1,2}|1[01]\d|12[0-7])|-128)(,(-?(\d{1,2}|1[01]\d|12[0-7])|-128))*\]$)";

struct NewCollection {
  std::string name;
  std::int64_t dimension = 0;
  const MetricName* metric = nullptr;
  const VectorType* type = nullptr;
  std::int64_t m = 16;
  std::int64_t ef_construction = 64;
  std::string quantization;
  std::optional<std::int64_t> quantizer_bits;
};

void check_name(const std::string& name) {
  if (name.empty() || name.size() > max_name_bytes) {
    throw Failure(
        422, fmt::format("name: has {} bytes; a name has 1 to {}", name.size(), max_name_bytes));
  }
  if (name.find('\0') != std::string::npos) {
    throw Failure(422, "name: must not have a NUL character");
  }
}

constexpr std::string_view rabitq = "rabitq";

void read_index_config(Members& body, NewCollection& collection) {
  const json::value* config = body.find("index_config");
  if (config == nullptr) return;
  Members index(*config, "index_config");
  collection.m = index.optional_integer("m", 2, 100).value_or(collection.m);
  collection.ef_construction =
      index.optional_integer("ef_construction", 4, 1000)
          .value_or(std::max(collection.ef_construction, 2 * collection.m));
  collection.quantizer_bits = index.optional_integer("quantizer_bits", 1, 8);
  index.finish();
  if (collection.ef_construction < 2 * collection.m) {
    throw Failure(422, fmt::format("index_config.ef_construction: {} is less than 2 * m = {}",
                                   collection.ef_construction, 2 * collection.m));
  }
}

void read_quantization(Members& body, NewCollection& collection) {
  collection.quantization = body.optional_text("quantization").value_or("auto");
  one_of(collection.quantization, {"auto", "none", "half", "sq8", rabitq}, "quantization");
  if (collection.quantizer_bits && collection.quantization != rabitq) {
    throw Failure(422, "index_config.quantizer_bits: is for quantization \"rabitq\" alone");
  }
}

std::string index_options(const NewCollection& made) {
  std::string options = fmt::format("m = {}, ef_construction = {}", made.m, made.ef_construction);
  if (made.quantization != "auto") options += fmt::format(", quantizer = {}", made.quantization);
  if (made.quantizer_bits) options += fmt::format(", quantizer_bits = {}", *made.quantizer_bits);
  return options;
}

NewCollection read_collection(const json::value& value) {
  Members body(value, "the body");
  NewCollection collection;
  collection.name = body.text("name");
  check_name(collection.name);
  collection.metric =
      &metric_named(body.optional_text("distance_metric").value_or("Cosine"), "distance_metric");
  std::vector<std::string_view> names;
  for (const VectorType& type : vector_types) names.push_back(type.name);
  collection.type = &vector_types[one_of(body.optional_text("vector_type").value_or("Float32"),
                                         names, "vector_type")];
  collection.dimension = body.integer("dimension", 1, collection.type->max_dimension);
  read_index_config(body, collection);
  read_quantization(body, collection);
  body.finish();
  return collection;
}

Response create(Call& call) {
  const NewCollection made = read_collection(parse_body(call.request.body));
  const std::string table = "public." + quote_name(made.name);
  const std::string check = made.type->name == "Int8"
                                ? fmt::format(" CONSTRAINT {} CHECK (embedding::text ~ '{}')",
                                              int8_constraint, int8_pattern)
                                : "";
  Transaction transaction(call.sql);
  call.sql.run(
      fmt::format("CREATE TABLE {} (id text PRIMARY KEY, embedding {}({}) NOT NULL{}, "
                  "metadata jsonb NOT NULL DEFAULT '{{}}')",
                  table, made.type->sql, made.dimension, check));
  call.sql.run(
      fmt::format("CREATE INDEX ON {} USING hnsw (embedding {}_{}) "
                  "WITH ({})",
                  table, made.type->sql, made.metric->op_classes, index_options(made)));
  transaction.commit();
  return answer(describe(find_collection(call.sql, made.name)), 201);
}

Response list(Call& call) {
  json::array collections;
  for (const Collection& collection : list_collections(call.sql)) {
    collections.push_back(describe(collection));
  }
  return answer(collections);
}

Response get(Call& call) {
  const Collection collection = find_collection(call.sql, call.collection());
  json::object described = describe(collection);
  const auto counted = call.sql.rows(fmt::format("SELECT count(*) FROM {}", collection.table()));
  const auto sizes =
      call.sql.rows("SELECT pg_table_size($1::oid), pg_indexes_size($1::oid)", {collection.oid});
  described["stats"] = json::object{{"vectors", std::stoll(*counted.at(0).at(0))},
                                    {"table_bytes", std::stoll(*sizes.at(0).at(0))},
                                    {"index_bytes", std::stoll(*sizes.at(0).at(1))}};
  return answer(described);
}

Response remove(Call& call) {
  const bool is_hard = query_flag(call.request, "hard");
  const Collection collection = find_collection(call.sql, call.collection());
  if (is_hard) {
    call.sql.run("DROP TABLE " + collection.table());
    return answer(json::object{{"name", collection.name}, {"deleted", nullptr}});
  }
  const DeletedCollection deleted = move_to_deleted(call, collection);
  return answer(
      json::object{{"name", collection.name}, {"deleted", describe(deleted, call.options)}});
}

Response stats(Call& call) {
  const exec::EngineStatus status = call.engine.status();
  return answer(
      json::object{{"database", call.database},
                   {"collections", list_collections(call.sql).size()},
                   {"deleted_collections", list_deleted(call.sql).size()},
                   {"server", json::object{{"ready", status.is_ready},
                                           {"collections", status.collections},
                                           {"vectors", status.vectors},
                                           {"index_memory_bytes", status.index_memory_bytes},
                                           {"disk_bytes", status.disk_bytes},
                                           {"disk_free_bytes", status.disk_free_bytes},
                                           {"sessions", status.sessions}}}});
}

}  // namespace

std::vector<RestRoute> collection_routes() {
  return {
      {"POST", "/collections", create},
      {"GET", "/collections", list},
      {"GET", "/collections/{name}", get},
      {"DELETE", "/collections/{name}", remove},
      {"GET", "/stats", stats},
  };
}

}  // namespace dvecdb::server::http::rest
