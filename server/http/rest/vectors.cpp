// Insert, upsert, get, update and delete of records, alone and in batches.
#include <fmt/format.h>

#include "server/http/rest/call.h"
#include "server/http/rest/collection.h"
#include "server/http/rest/failure.h"
#include "server/http/rest/filter.h"
#include "server/http/rest/record.h"

namespace dvecdb::server::http::rest {

namespace {

constexpr std::size_t max_batch = 10000;

enum class Mode : std::uint8_t { insert, upsert };

std::string insert_sql(const Collection& collection, const NewRecord& record, Mode mode) {
  std::vector<std::string> columns, values;
  for (const Assignment& assignment : record.assignments) {
    columns.push_back(quote_name(assignment.column));
    values.push_back(assignment.value);
  }
  std::string sql = fmt::format("INSERT INTO {} ({}) VALUES ({})", collection.table(),
                                fmt::join(columns, ", "), fmt::join(values, ", "));
  if (mode == Mode::upsert) {
    // The record is replaced as a whole: what was not given gets its default.
    std::vector<std::string> all{quote_name(collection.vector.name)};
    for (const Column& field : collection.fields) all.push_back(quote_name(field.name));
    if (!collection.metadata_column.empty()) all.push_back(quote_name(collection.metadata_column));
    for (std::string& column : all) column = fmt::format("{0} = EXCLUDED.{0}", column);
    sql += fmt::format(" ON CONFLICT ({}) DO UPDATE SET {}", quote_name(collection.key.name),
                       fmt::join(all, ", "));
  }
  return sql + fmt::format(" RETURNING {}::text", quote_name(collection.key.name));
}

std::string write_record(Sql& sql, const Collection& collection, const json::value& value,
                         const std::string& where, Mode mode) {
  Parameters parameters;
  const NewRecord record = read_record(value, where, collection, parameters);
  const std::string statement = insert_sql(collection, record, mode);
  try {
    return sql.rows(statement, parameters.values()).at(0).at(0).value_or("");
  } catch (const types::SqlError& error) {
    if (error.sqlstate() != types::sqlstate::unique_violation) throw;
    if (error.fields().detail.find("(" + collection.key.name + ")=") == std::string::npos) throw;
    throw Failure(409, fmt::format("{}: a vector with id \"{}\" exists already",
                                   where == "the body" ? "id" : where + ".id", record.id));
  }
}

Response write_one(Call& call, Mode mode) {
  const json::value body = parse_body(call.request.body);
  const Collection collection = find_collection(call.sql, call.collection());
  const std::string id = write_record(call.sql, collection, body, "the body", mode);
  return answer(json::object{{"id", id}}, mode == Mode::insert ? 201 : 200);
}

Response write_batch(Call& call, Mode mode) {
  const json::value body = parse_body(call.request.body);
  Members members(body, "the body");
  const json::array& vectors = members.array("vectors", max_batch);
  members.finish();
  Transaction transaction(call.sql);
  const Collection collection = find_collection(call.sql, call.collection());
  json::array ids;
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    const std::string where = fmt::format("vectors[{}]", i);
    try {
      ids.emplace_back(write_record(call.sql, collection, vectors[i], where, mode));
    } catch (const types::SqlError& error) {
      if (status_of(error.sqlstate()) != 422) throw;
      throw Failure(422, fmt::format("{}: {}", where, failure_of(error.fields()).sentence()));
    }
  }
  transaction.commit();
  return answer(json::object{{"ids", std::move(ids)}}, mode == Mode::insert ? 201 : 200);
}

// The condition for the record of the path's {id}.
std::string is_record(const Call& call, const Collection& collection, Parameters& parameters) {
  return fmt::format("{} = {}", quote_name(collection.key.name),
                     parameters.add(call.parameter("id"), collection.key.type));
}

Failure no_record(const Call& call) {
  return {404, fmt::format("collection \"{}\" has no vector with id \"{}\"", call.collection(),
                           call.parameter("id"))};
}

Response get_one(Call& call) {
  const Collection collection = find_collection(call.sql, call.collection());
  constexpr Shown shown{.vector = true, .metadata = true};
  Parameters parameters;
  const std::string condition = is_record(call, collection, parameters);
  const auto rows =
      call.sql.rows(fmt::format("SELECT {} FROM {} WHERE {}", record_columns(collection, shown),
                                collection.table(), condition),
                    parameters.values());
  if (rows.empty()) throw no_record(call);
  return answer(record_of(collection, shown, rows.front()));
}

Response update_one(Call& call) {
  const json::value body = parse_body(call.request.body);
  Members members(body, "the body");
  const Collection collection = find_collection(call.sql, call.collection());
  Parameters parameters;
  std::vector<Assignment> assignments;
  const json::object* metadata = members.optional_object("metadata");
  if (metadata != nullptr) {
    assignments = read_metadata_change(*metadata, "metadata", collection, parameters);
  }
  const json::value* vector = members.find("vector");
  if (vector != nullptr) {
    assignments.push_back(
        {collection.vector.name, parameters.add(collection.checked_vector(*vector, "vector"),
                                                collection.vector_sql_type())});
  }
  members.finish();
  if (metadata == nullptr && vector == nullptr) {
    throw Failure(422, "one of vector and metadata is needed");
  }
  if (assignments.empty()) {  // metadata is {}
    assignments.push_back({collection.vector.name, quote_name(collection.vector.name)});
  }
  std::vector<std::string> changes;
  for (const Assignment& assignment : assignments) {
    changes.push_back(fmt::format("{} = {}", quote_name(assignment.column), assignment.value));
  }
  const std::string condition = is_record(call, collection, parameters);
  const std::int64_t count =
      call.sql.change(fmt::format("UPDATE {} SET {} WHERE {}", collection.table(),
                                  fmt::join(changes, ", "), condition),
                      parameters.values());
  if (count == 0) throw no_record(call);
  return answer(json::object{{"id", call.parameter("id")}});
}

Response delete_one(Call& call) {
  const Collection collection = find_collection(call.sql, call.collection());
  Parameters parameters;
  const std::string condition = is_record(call, collection, parameters);
  const std::int64_t count = call.sql.change(
      fmt::format("DELETE FROM {} WHERE {}", collection.table(), condition), parameters.values());
  if (count == 0) throw no_record(call);
  return answer(json::object{{"id", call.parameter("id")}});
}

// {"ids": [...]} or {"filter": {...}}
Response delete_batch(Call& call) {
  const json::value body = parse_body(call.request.body);
  Members members(body, "the body");
  const Collection collection = find_collection(call.sql, call.collection());
  Parameters parameters;
  std::string condition;
  if (members.has("ids") == members.has("filter")) {
    throw Failure(422, "either ids or filter is needed");
  }
  if (members.has("ids")) {
    const json::array& ids = members.array("ids", max_filter_values);
    condition =
        fmt::format("{} = ANY ({})", quote_name(collection.key.name),
                    parameters.add(array_text(ids_of(ids, "ids")), collection.key.type + "[]"));
  } else {
    condition = read_filter(members, collection, parameters);
    if (condition.empty()) {
      throw Failure(422, "filter: is empty; to delete all vectors delete the collection");
    }
  }
  members.finish();
  const std::int64_t count = call.sql.change(
      fmt::format("DELETE FROM {} WHERE {}", collection.table(), condition), parameters.values());
  return answer(json::object{{"deleted", count}});
}

}  // namespace

std::vector<RestRoute> vector_routes() {
  return {
      {"POST", "/collections/{name}/vectors",
       [](Call& call) { return write_one(call, Mode::insert); }},
      {"PUT", "/collections/{name}/vectors",
       [](Call& call) { return write_one(call, Mode::upsert); }},
      {"POST", "/collections/{name}/batch",
       [](Call& call) { return write_batch(call, Mode::insert); }},
      {"PUT", "/collections/{name}/batch",
       [](Call& call) { return write_batch(call, Mode::upsert); }},
      {"POST", "/collections/{name}/batch/delete", delete_batch},
      {"GET", "/collections/{name}/vectors/{id}", get_one},
      {"PATCH", "/collections/{name}/vectors/{id}", update_one},
      {"DELETE", "/collections/{name}/vectors/{id}", delete_one},
  };
}

}  // namespace dvecdb::server::http::rest
