// CALL of the procedures that are built in. dvecdb_backup() answers as COPY ... TO STDOUT does,
// with the bytes of a backup: so it holds no snapshot while a slow client reads it.
#include <fmt/format.h>

#include <algorithm>

#include "server/exec/check.h"
#include "server/exec/privileges.h"
#include "server/exec/utility/utility.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

const std::vector<std::string> check_columns = {"database", "object", "status", "detail"};

StatementResult run_backup(UtilityCall& call) {
  SessionContext& context = call.context;
  require_superuser(context, "must be superuser to make a backup");
  refuse_in_block(context, "CALL dvecdb_backup()");
  const std::unique_ptr<storage::Backup> backup =
      context.engine.begin_backup([&context] { context.check_cancel(); });
  context.sink->copy_out(CopyFormat::binary, 0);
  for (std::string bytes = backup->next(); !bytes.empty(); bytes = backup->next()) {
    context.check_cancel();
    context.sink->copy_data(bytes);
  }
  context.engine.note_backup(backup->moment());
  context.sink->copy_done();
  return tag_result("CALL");
}

// What only memory has is saved first, so that the files are what searches use.
StatementResult run_check(UtilityCall& call) {
  SessionContext& context = call.context;
  require_superuser(context, "must be superuser to check what is stored");
  TextResult result(check_columns, "CALL");
  const catalog::SnapshotPtr snapshot = context.engine.home().snapshot();
  for (const catalog::DatabaseDesc& desc : snapshot->databases()) {
    if (!desc.allows_connections || desc.is_template) continue;
    std::shared_ptr<OpenDatabase> database;
    try {
      database = context.engine.database(desc.name);
    } catch (const SqlError&) {
      continue;  // dropped meanwhile
    }
    if (!context.transaction.is_writing()) database->store().vector_indexes().checkpoint();
    check_database(*database, &context.cancelled, [&result](const Finding& finding) {
      result.add({finding.database, finding.object, finding.status, finding.detail});
    });
  }
  return result.take();
}

struct Procedure {
  std::string_view name;
  StatementResult (*run)(UtilityCall& call);
  std::vector<std::string> columns;
};

const std::vector<Procedure>& procedures() {
  static const std::vector<Procedure> all = {{"dvecdb_backup", run_backup, {}},
                                             {"dvecdb_check", run_check, check_columns}};
  return all;
}

// Their names need no schema. nullptr: there is none of that name without arguments.
const Procedure* find_procedure(const PgQuery__CallStmt& statement) {
  const PgQuery__FuncCall& call = *statement.funccall;
  if (call.n_args != 0 || call.n_funcname == 0) return nullptr;
  const std::string_view name = raw::string_of(call.funcname[call.n_funcname - 1]);
  const bool is_ours = call.n_funcname == 1 || raw::string_of(call.funcname[0]) == "pg_catalog";
  const auto found = std::find_if(procedures().begin(), procedures().end(),
                                  [name](const Procedure& one) { return one.name == name; });
  return is_ours && found != procedures().end() ? &*found : nullptr;
}

}  // namespace

std::vector<ResultColumn> describe_call(const PgQuery__CallStmt& statement) {
  const Procedure* procedure = find_procedure(statement);
  if (procedure == nullptr || procedure->columns.empty()) return {};
  return TextResult(procedure->columns, "CALL").take().columns;
}

StatementResult run_call(UtilityCall& call) {
  const PgQuery__CallStmt& statement = *call.node->call_stmt;
  if (const Procedure* procedure = find_procedure(statement)) return procedure->run(call);
  const PgQuery__FuncCall& called = *statement.funccall;
  throw SqlError(sqlstate::undefined_function,
                 fmt::format("procedure {} does not exist",
                             raw::string_of(called.funcname[called.n_funcname - 1])))
      .hint("There are dvecdb_backup() and dvecdb_check(), without arguments.");
}

}  // namespace dvecdb::server::exec
