// VACUUM, ANALYZE, CLUSTER, TRUNCATE.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "server/catalog/sequences.h"
#include "server/exec/ddl/ddl.h"
#include "server/exec/privileges.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using query::ConstraintDesc;
using query::RelationDesc;
using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::int64_t page_bytes = 8192;  // pg_class.relpages counts in PostgreSQL's pages

// Rows, pages and the store's own statistics of one table.
void analyze_table(Ddl& ddl, const RelationDesc& table) {
  storage::Connection& connection = ddl.connection();
  double rows = 0;
  {
    storage::Statement count =
        connection.prepare(fmt::format("SELECT count(*) FROM {}", table.store_name));
    if (count.step()) rows = static_cast<double>(count.column(0).as_integer());
  }
  const std::int64_t bytes = ddl.context().environment.relation_bytes(table.oid);
  connection.execute(fmt::format("ANALYZE {}", table.store_name));
  ddl.writer().set_statistics(table.oid, rows, (bytes + page_bytes - 1) / page_bytes);
}

class Truncation {
 public:
  Truncation(Ddl& ddl, const PgQuery__TruncateStmt& statement) : ddl_(ddl), statement_(statement) {}

  void run() {
    for (const raw::Node* node : raw::list(statement_.n_relations, statement_.relations)) {
      add(find_relation(ddl_.call(), *node->range_var));
    }
    const bool cascades = statement_.behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE;
    for (std::size_t i = 0; i < tables_.size(); ++i) follow(*tables_[i], cascades);
    for (const RelationDesc* table : tables_) {
      ddl_.connection().execute(fmt::format("DELETE FROM {}", table->store_name));
      if (statement_.restart_seqs != 0) restart_sequences(*table);
    }
  }

 private:
  void add(const RelationDesc& table) {
    if (table.kind != 'r') {
      throw SqlError(sqlstate::wrong_object_type, fmt::format("\"{}\" is not a table", table.name));
    }
    require_table_privilege(ddl_.context(), table, 'D');
    if (std::find(tables_.begin(), tables_.end(), &table) == tables_.end()) {
      tables_.push_back(&table);
    }
  }

  void follow(const RelationDesc& table, bool cascades) {
    for (const ConstraintDesc* constraint : table.referencing) {
      const RelationDesc& other =
          *ddl_.catalog().find_relation(ddl_.snapshot().constraint_relation(constraint->oid));
      if (std::find(tables_.begin(), tables_.end(), &other) != tables_.end()) continue;
      if (!cascades) {
        throw SqlError(sqlstate::feature_not_supported,
                       "cannot truncate a table referenced in a foreign key constraint")
            .detail(fmt::format("Table \"{}\" references \"{}\".", other.name, table.name))
            .hint(fmt::format("Truncate table \"{}\" at the same time, or use TRUNCATE ... "
                              "CASCADE.",
                              other.name));
      }
      ddl_.context().notice("NOTICE", sqlstate::successful_completion,
                            fmt::format("truncate cascades to table \"{}\"", other.name));
      add(other);
    }
  }

  // The sequences that belong to the table's columns: pg_depend says which.
  void restart_sequences(const RelationDesc& table) {
    namespace dep = catalog::pg_depend;
    namespace seq = catalog::pg_sequence;
    std::vector<std::pair<Oid, std::int64_t>> owned;
    {
      storage::Statement sequences = ddl_.connection().prepare(fmt::format(
          "SELECT s.c{}, s.c{} FROM {} AS d JOIN {} AS s ON s.c{} = d.c{} WHERE d.c{} = ?1 AND "
          "d.c{} = ?2 AND d.c{} = ?1",
          static_cast<int>(seq::seqrelid), static_cast<int>(seq::seqstart), dep::table.store_name,
          seq::table.store_name, static_cast<int>(seq::seqrelid), static_cast<int>(dep::objid),
          static_cast<int>(dep::refclassid), static_cast<int>(dep::refobjid),
          static_cast<int>(dep::classid)));
      sequences.bind(1, Value::integer(catalog::pg_class::table.oid));
      sequences.bind(2, Value::integer(table.oid));
      while (sequences.step()) {
        owned.emplace_back(static_cast<Oid>(sequences.column(0).as_integer()),
                           sequences.column(1).as_integer());
      }
    }
    for (const auto& [sequence, start] : owned) {
      ddl_.context().database->sequences().flush(ddl_.connection());
      catalog::set_sequence_value(ddl_.connection(), sequence, start, false);
      ddl_.context().forget_sequence(sequence);
    }
  }

  Ddl& ddl_;
  const PgQuery__TruncateStmt& statement_;
  std::vector<const RelationDesc*> tables_;
};

}  // namespace

StatementResult run_truncate(UtilityCall& call) {
  Ddl ddl(call, "TRUNCATE TABLE");
  Truncation(ddl, *call.node->truncate_stmt).run();
  return tag_result("TRUNCATE TABLE");
}

StatementResult run_vacuum(UtilityCall& call) {
  const PgQuery__VacuumStmt& statement = *call.node->vacuum_stmt;
  const std::string tag = statement.is_vacuumcmd != 0 ? "VACUUM" : "ANALYZE";
  bool analyzes = statement.is_vacuumcmd == 0;
  for (const raw::Node* node : raw::list(statement.n_options, statement.options)) {
    if (std::string_view(node->def_elem->defname) == "analyze") {
      analyzes = analyzes || definition_flag(*node->def_elem);
    }
  }
  if (statement.is_vacuumcmd != 0) refuse_in_block(call.context, "VACUUM");
  std::vector<const RelationDesc*> tables;
  for (const raw::Node* node : raw::list(statement.n_rels, statement.rels)) {
    tables.push_back(&find_relation(call, *node->vacuum_relation->relation));
  }
  if (!analyzes) return tag_result(tag);
  Ddl ddl(call, tag);
  tables.clear();
  for (const raw::Node* node : raw::list(statement.n_rels, statement.rels)) {
    tables.push_back(&find_relation(call, *node->vacuum_relation->relation));
  }
  if (statement.n_rels == 0) {
    for (const RelationDesc* relation : ddl.catalog().relations()) {
      const bool is_users = relation->oid >= catalog::first_user_oid;
      if (relation->kind == 'r' && is_users) tables.push_back(relation);
    }
  }
  for (const RelationDesc* table : tables) {
    if (table->kind != 'r' || table->oid < catalog::first_user_oid) continue;
    const bool may = call.context.is_superuser() ||
                     call.context.is_member(call.context.current_user, table->owner);
    if (may) {
      analyze_table(ddl, *table);
    } else {
      call.context.notice("WARNING", sqlstate::warning,
                          fmt::format("skipping \"{}\" --- only table or database owner can {} it",
                                      table->name, tag == "VACUUM" ? "vacuum" : "analyze"));
    }
  }
  ddl.changed();
  return tag_result(tag);
}

// Rows lie in the order of their row ids: there is no other order to bring them into.
StatementResult run_cluster(UtilityCall& call) {
  const PgQuery__ClusterStmt& statement = *call.node->cluster_stmt;
  if (statement.relation != nullptr) {
    const RelationDesc& table = find_relation(call, *statement.relation);
    require_owner(call.context, table.owner, "table", table.name);
  }
  return tag_result("CLUSTER");
}

}  // namespace dvecdb::server::exec
