// CREATE, ALTER and DROP DATABASE.
#include <fmt/format.h>

#include <cstdlib>

#include "server/catalog/bootstrap.h"
#include "server/exec/ddl/ddl.h"
#include "server/exec/privileges.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

const catalog::DatabaseDesc& get_database(SessionContext& context, std::string_view name) {
  if (const catalog::DatabaseDesc* found = context.snapshot().find_database(name)) return *found;
  throw SqlError(sqlstate::invalid_catalog_name,
                 fmt::format("database \"{}\" does not exist", name));
}

struct DatabaseOptions {
  catalog::DatabaseDefinition definition;
  std::string source;  // TEMPLATE
};

void read_options(Ddl& ddl, raw::NodeList options, DatabaseOptions& out) {
  for (const raw::Node* node : options) {
    const PgQuery__DefElem& element = *node->def_elem;
    const std::string_view name = element.defname;
    if (name == "owner") {
      out.definition.owner = get_role(ddl.context(), definition_text(element.arg)).oid;
    } else if (name == "template") {
      out.source = definition_text(element.arg);
    } else if (name == "is_template") {
      out.definition.is_template = definition_flag(element);
    } else if (name == "allow_connections") {
      out.definition.allows_connections = definition_flag(element);
    } else if (name == "connection_limit") {
      out.definition.connection_limit = std::atoi(definition_text(element.arg).c_str());
    } else if (name == "encoding") {
      const std::string encoding = definition_text(element.arg);
      if (encoding != "UTF8" && encoding != "utf8" && encoding != "UTF-8" && encoding != "utf-8" &&
          encoding != "6") {
        throw SqlError(sqlstate::feature_not_supported,
                       fmt::format("encoding \"{}\" is not supported", encoding));
      }
    }
    // Locale options are accepted: text is ordered by byte, as under "C".
  }
}

}  // namespace

StatementResult run_create_database(UtilityCall& call) {
  const PgQuery__CreatedbStmt& statement = *call.node->createdb_stmt;
  refuse_in_block(call.context, "CREATE DATABASE");
  Ddl ddl(call, "CREATE DATABASE");
  SessionContext& context = call.context;
  if (!context.is_superuser() && !context.role().can_create_database) {
    throw SqlError(sqlstate::insufficient_privilege, "permission denied to create database");
  }
  DatabaseOptions options;
  options.definition.name = raw::view(statement.dbname);
  options.definition.owner = ddl.owner();
  read_options(ddl, raw::list(statement.n_options, statement.options), options);
  if (ddl.snapshot().find_database(options.definition.name) != nullptr) {
    throw SqlError(sqlstate::duplicate_database,
                   fmt::format("database \"{}\" already exists", options.definition.name));
  }
  Oid source = types::invalid_oid;
  if (!options.source.empty()) {
    const catalog::DatabaseDesc* found = ddl.snapshot().find_database(options.source);
    if (found == nullptr) {
      throw SqlError(sqlstate::invalid_catalog_name,
                     fmt::format("template database \"{}\" does not exist", options.source));
    }
    source = found->oid;
  }
  const bool is_plain = source == types::invalid_oid || source == catalog::template1_oid ||
                        source == catalog::template0_oid;
  const Oid oid = ddl.writer().create_database(options.definition);
  ddl.changed();
  context.transaction.shared_catalog_changed();
  // The folder is made before the commit: a name without a folder would be worse than the other
  // way round.
  context.engine.create_database_files(oid, is_plain ? types::invalid_oid : source);
  context.transaction.at_end([&engine = context.engine, oid](bool committed) {
    if (!committed) engine.remove_database_files(oid);
  });
  return tag_result("CREATE DATABASE");
}

StatementResult run_alter_database(UtilityCall& call) {
  const PgQuery__AlterDatabaseStmt& statement = *call.node->alter_database_stmt;
  Ddl ddl(call, "ALTER DATABASE");
  const catalog::DatabaseDesc& database = get_database(call.context, statement.dbname);
  require_owner(call.context, database.owner, "database", database.name);
  DatabaseOptions options;
  options.definition.name = database.name;
  options.definition.owner = database.owner;
  options.definition.is_template = database.is_template;
  options.definition.allows_connections = database.allows_connections;
  options.definition.connection_limit = database.connection_limit;
  read_options(ddl, raw::list(statement.n_options, statement.options), options);
  ddl.writer().alter_database(database.oid, options.definition);
  ddl.changed();
  call.context.transaction.shared_catalog_changed();
  return tag_result("ALTER DATABASE");
}

StatementResult run_drop_database(UtilityCall& call) {
  const PgQuery__DropdbStmt& statement = *call.node->dropdb_stmt;
  refuse_in_block(call.context, "DROP DATABASE");
  SessionContext& context = call.context;
  const std::string name(raw::view(statement.dbname));
  const catalog::DatabaseDesc* database = context.snapshot().find_database(name);
  if (database == nullptr) {
    const std::string message = fmt::format("database \"{}\" does not exist", name);
    if (statement.missing_ok == 0) throw SqlError(sqlstate::invalid_catalog_name, message);
    notice_skip(context, message);
    return tag_result("DROP DATABASE");
  }
  require_owner(context, database->owner, "database", name);
  if (database->oid == context.database->oid()) {
    throw SqlError(sqlstate::object_in_use, "cannot drop the currently open database");
  }
  if (database->is_template) {
    throw SqlError(sqlstate::wrong_object_type, "cannot drop a template database");
  }
  const Oid oid = database->oid;
  bool is_forced = false;
  for (const raw::Node* node : raw::list(statement.n_options, statement.options)) {
    is_forced = is_forced || std::string_view(node->def_elem->defname) == "force";
  }
  context.engine.close_database(oid, name, is_forced);
  Ddl ddl(call, "DROP DATABASE");
  ddl.writer().drop_database(oid);
  ddl.changed();
  context.transaction.shared_catalog_changed();
  context.transaction.at_end([&engine = context.engine, oid](bool committed) {
    if (committed) engine.remove_database_files(oid);
  });
  return tag_result("DROP DATABASE");
}

}  // namespace dvecdb::server::exec
