// What a handler of the REST API gets: the request, and SQL as the request's user.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "server/exec/engine.h"
#include "server/http/message.h"
#include "server/http/rest/json.h"
#include "server/http/rest/sql.h"

namespace dvecdb::server::http::rest {

struct RestOptions {
  std::string data_dir;
  std::string default_database = "postgres";
  int deleted_retention_hours = 7 * 24;
};

struct Call {
  const Request& request;
  Sql& sql;
  const std::string& database;
  exec::Engine& engine;
  const RestOptions& options;

  const std::string& parameter(std::string_view name) const {
    return request.parameters.find(name)->second;
  }
  const std::string& collection() const { return parameter("name"); }
};

// Throws Failure or types::SqlError. What it has written must be committed when it returns: it is
// run again when SQL asks for that (40001).
using CallHandler = std::function<Response(Call&)>;

struct RestRoute {
  std::string method;
  std::string pattern;
  CallHandler handler;
};

// One list a resource.
std::vector<RestRoute> collection_routes();
std::vector<RestRoute> deleted_routes();
std::vector<RestRoute> vector_routes();
std::vector<RestRoute> read_routes();
std::vector<RestRoute> search_routes();
std::vector<RestRoute> snapshot_routes();
std::vector<RestRoute> field_index_routes();

// {"success":true,"data":...,"error":null}
Response answer(const json::value& data, int status = 200);
// "true", "false" or nothing in the query; Failure 422 for anything else.
bool query_flag(const Request& request, std::string_view name);

}  // namespace dvecdb::server::http::rest
