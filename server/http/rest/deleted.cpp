#include "server/http/rest/deleted.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <random>

#include "server/http/rest/failure.h"

namespace dvecdb::server::http::rest {

namespace {

constexpr std::string_view schema_prefix = "dvecdb_deleted_";
constexpr std::int64_t seconds_per_hour = 3600;

std::int64_t unix_time() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

std::int64_t seconds_in(const std::string& id) {
  std::int64_t seconds = 0;
  std::from_chars(id.data(), id.data() + id.size(), seconds);
  return seconds;
}

std::string new_id() {
  std::random_device device;
  return fmt::format("{}_{:08x}{:08x}", unix_time(), device(), device());
}

std::string time_text(std::int64_t seconds) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

DeletedCollection find_deleted(Call& call) {
  const std::string& id = call.parameter("id");
  for (DeletedCollection& deleted : list_deleted(call.sql)) {
    if (deleted.id == id) return std::move(deleted);
  }
  throw Failure(404, fmt::format("there is no deleted collection with id \"{}\"", id));
}

Response list(Call& call) {
  json::array list;
  for (const DeletedCollection& deleted : list_deleted(call.sql)) {
    list.push_back(describe(deleted, call.options));
  }
  return answer(list);
}

Response restore(Call& call) {
  const DeletedCollection deleted = find_deleted(call);
  Transaction transaction(call.sql);
  call.sql.run(fmt::format("ALTER TABLE {}.{} SET SCHEMA public", quote_name(deleted.schema()),
                           quote_name(deleted.name)));
  call.sql.run("DROP SCHEMA " + quote_name(deleted.schema()));
  transaction.commit();
  return answer(describe(find_collection(call.sql, deleted.name)));
}

Response remove(Call& call) {
  const DeletedCollection deleted = find_deleted(call);
  call.sql.run(fmt::format("DROP SCHEMA {} CASCADE", quote_name(deleted.schema())));
  return answer(json::object{{"id", deleted.id}, {"name", deleted.name}});
}

}  // namespace

std::string DeletedCollection::schema() const {
  return std::string(schema_prefix) + id;
}

json::object describe(const DeletedCollection& deleted, const RestOptions& options) {
  return {{"id", deleted.id},
          {"name", deleted.name},
          {"deleted_at", time_text(deleted.deleted_at)},
          {"restorable_until",
           time_text(deleted.deleted_at + options.deleted_retention_hours * seconds_per_hour)}};
}

DeletedCollection move_to_deleted(Call& call, const Collection& collection) {
  DeletedCollection deleted;
  deleted.id = new_id();
  deleted.name = collection.name;
  deleted.deleted_at = seconds_in(deleted.id);
  const std::string schema = quote_name(deleted.schema());
  // Who deletes may have no right to make schemas: a superuser makes this one for him. A crash
  // between the two transactions leaves an empty one, which is purged.
  exec::SessionOptions options;
  options.user = "postgres";
  options.database = call.database;
  const std::unique_ptr<exec::Session> keeper = call.engine.connect(std::move(options));
  Sql as_keeper(*keeper);
  as_keeper.run(
      fmt::format("CREATE SCHEMA {} AUTHORIZATION {}", schema, quote_name(call.request.user)));
  try {
    call.sql.run(fmt::format("ALTER TABLE {} SET SCHEMA {}", collection.table(), schema));
  } catch (const types::SqlError&) {
    as_keeper.run("DROP SCHEMA " + schema);
    throw;
  }
  return deleted;
}

std::vector<DeletedCollection> list_deleted(Sql& sql) {
  std::vector<DeletedCollection> list;
  const auto rows = sql.rows(R"(
    SELECT n.nspname, c.relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname LIKE 'dvecdb\_deleted\_%' AND c.relkind = 'r'
      AND pg_has_role(c.relowner, 'USAGE')
    ORDER BY n.nspname)");
  for (const Row& row : rows) {
    DeletedCollection& deleted = list.emplace_back();
    deleted.id = row[0]->substr(schema_prefix.size());
    deleted.name = *row[1];
    deleted.deleted_at = seconds_in(deleted.id);
  }
  return list;
}

void purge_deleted(Sql& sql, int hours) {
  const auto rows =
      sql.rows(R"(SELECT nspname FROM pg_namespace WHERE nspname LIKE 'dvecdb\_deleted\_%')");
  const std::int64_t limit = unix_time() - hours * seconds_per_hour;
  for (const Row& row : rows) {
    if (seconds_in(row[0]->substr(schema_prefix.size())) > limit) continue;
    sql.run(fmt::format("DROP SCHEMA {} CASCADE", quote_name(*row[0])));
  }
}

std::vector<RestRoute> deleted_routes() {
  return {
      {"GET", "/deleted-collections", list},
      {"POST", "/deleted-collections/{id}/restore", restore},
      {"DELETE", "/deleted-collections/{id}", remove},
  };
}

}  // namespace dvecdb::server::http::rest
