#include "server/exec/check.h"

#include <fmt/format.h>

#include <filesystem>
#include <map>

#include "server/catalog/bootstrap.h"
#include "server/catalog/version.h"
#include "server/exec/connection_setup.h"
#include "server/exec/vector_index_definition.h"
#include "server/storage/index_check.h"
#include "server/storage/store.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

constexpr int snapshots_tried = 5;
constexpr double low_recall = 0.9;

// One database, as one reader sees it.
class Check {
 public:
  Check(OpenDatabase& database, const std::atomic<bool>* cancelled, const Report& report)
      : database_(database), report_(report), lease_(database.store().reader()) {
    connection().watch_cancel(cancelled);
    connection().execute("BEGIN");
  }

  void run() {
    check_store("main", "rows.db");
    check_store("global", "global.db");
    const catalog::SnapshotPtr snapshot = database_.load_catalog(connection());
    types::IoContext io;
    io.types = snapshot.get();
    const query::AnalyzeContext analysis{*snapshot, io, {"pg_catalog", "public"}, "postgres", {}};
    for (const query::RelationDesc* relation : snapshot->relations()) {
      const bool is_table = relation->kind == 'r' && relation->persistence != 't' &&
                            relation->oid >= catalog::first_user_oid;
      if (!is_table || !has_table(*relation)) continue;
      for (const query::IndexDesc* index : relation->indexes) {
        if (is_vector_index(*index)) check_index(analysis, *relation, *index);
      }
    }
  }

 private:
  storage::Connection& connection() { return lease_.connection(); }

  void say(std::string object, std::string status, std::string detail) {
    report_({database_.name(), std::move(object), std::move(status), std::move(detail)});
  }

  void check_store(const char* name, const char* file) {
    storage::Statement statement =
        connection().prepare(fmt::format("PRAGMA {}.integrity_check(10)", name));
    while (statement.step()) {
      const std::string said(statement.column(0).as_bytes());
      const bool is_whole = said == "ok";
      say(file, is_whole ? "ok" : "damage", is_whole ? "integrity check passed" : said);
    }
  }

  bool has_table(const query::RelationDesc& relation) {
    storage::Statement statement =
        connection().prepare("SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = ?1");
    statement.bind(1, Value::text(relation.store_name), true);
    if (statement.step()) return true;
    say(fmt::format("table {}.{}", relation.schema, relation.name), "damage",
        "the catalog names it, but it has no rows stored");
    return false;
  }

  void check_index(const query::AnalyzeContext& analysis, const query::RelationDesc& relation,
                   const query::IndexDesc& index) {
    const std::string object = fmt::format("index {}.{}", relation.schema, index.name);
    const storage::VectorIndexDefinition definition =
        vector_index_definition(analysis, relation, index);
    const bool is_scanned = definition.element == storage::VectorElement::sparse ||
                            definition.element == storage::VectorElement::bit;
    if (is_scanned) return say(object, "ok", "has no graph: searches scan the rows");
    const std::string folder = database_.store().folder() + "/index";
    storage::IndexCheck result = storage::check_index(connection(), definition, folder);
    for (int tried = 1; result.is_ahead && tried < snapshots_tried; ++tried) {
      // The file was saved after the snapshot began.
      connection().execute("ROLLBACK");
      connection().execute("BEGIN");
      result = storage::check_index(connection(), definition, folder);
    }
    if (result.is_ahead) result.damage = "its file is newer than the rows";
    if (!result.damage.empty()) return say(object, "damage", result.damage);
    if (!result.has_file) {
      return say(object, "note", "no file yet: the server builds it from the rows");
    }
    std::string detail = fmt::format("{} vectors equal their rows", result.vectors);
    if (result.behind > 0) detail += fmt::format(", {} newer in the change log", result.behind);
    if (result.recall) detail += fmt::format(", recall {:.3f}", *result.recall);
    const bool is_low = result.recall && *result.recall < low_recall;
    say(object, is_low ? "note" : "ok", detail);
  }

  OpenDatabase& database_;
  const Report& report_;
  storage::ReaderLease lease_;
};

std::map<types::Oid, std::string> database_names(storage::Store& store) {
  const types::Oid home = catalog::postgres_database_oid;
  OpenDatabase database(home, "postgres", store.database(home));
  std::map<types::Oid, std::string> names;
  for (const catalog::DatabaseDesc& desc : database.snapshot()->databases()) {
    names.emplace(desc.oid, desc.name);
  }
  return names;
}

}  // namespace

void check_database(OpenDatabase& database, const std::atomic<bool>* cancelled,
                    const Report& report) {
  try {
    Check(database, cancelled, report).run();
  } catch (const SqlError& error) {
    if (error.sqlstate() == sqlstate::query_canceled) throw;
    report({database.name(), "rows.db", "damage", error.what()});
  }
}

void check_folder(const std::string& data_dir, const Report& report) {
  if (!std::filesystem::exists(data_dir + "/format")) {
    throw SqlError(sqlstate::io_error, fmt::format("\"{}\" is no data folder of dvecdb", data_dir));
  }
  storage::Store store(data_dir, {}, connection_setup());
  std::map<types::Oid, std::string> names;
  try {
    names = database_names(store);
  } catch (const SqlError& error) {
    return report({"postgres", "catalog", "damage", error.what()});
  }
  for (const types::Oid oid : store.stored_databases()) {
    const auto known = names.find(oid);
    if (known == names.end()) {
      report(
          {std::to_string(oid), "folder", "note", "left over: the catalog names no such database"});
      continue;
    }
    OpenDatabase database(oid, known->second, store.database(oid));
    check_database(database, nullptr, report);
  }
}

}  // namespace dvecdb::server::exec
