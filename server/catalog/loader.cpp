#include "server/catalog/loader.h"

#include "server/catalog/snapshot_builder.h"
#include "server/catalog/state.h"
#include "server/catalog/table.h"

namespace dvecdb::server::catalog {

namespace {

using AddRow = void (SnapshotBuilder::*)(const Row&);

struct Step {
  CatalogTable table;
  AddRow add;
  int user_column;  // holds the oid by which users' rows are told apart; 0: all rows
};

// In the order that the builder asks for.
constexpr Step steps[] = {
    {pg_namespace::table, &SnapshotBuilder::add_schema, 0},
    {pg_language::table, &SnapshotBuilder::add_language, 0},
    {pg_proc::table, &SnapshotBuilder::add_proc, pg_proc::oid},
    {pg_aggregate::table, &SnapshotBuilder::add_aggregate, pg_aggregate::aggfnoid},
    {pg_type::table, &SnapshotBuilder::add_type, pg_type::oid},
    {pg_enum::table, &SnapshotBuilder::add_enum_label, 0},
    {pg_operator::table, &SnapshotBuilder::add_operator, pg_operator::oid},
    {pg_cast::table, &SnapshotBuilder::add_cast, pg_cast::oid},
    {pg_class::table, &SnapshotBuilder::add_relation, pg_class::oid},
    {pg_attribute::table, &SnapshotBuilder::add_column, pg_attribute::attrelid},
    {pg_attrdef::table, &SnapshotBuilder::add_default, 0},
    {pg_depend::table, &SnapshotBuilder::add_dependency, pg_depend::objid},
    {pg_index::table, &SnapshotBuilder::add_index, pg_index::indexrelid},
    {pg_class::table, &SnapshotBuilder::add_index_details, pg_class::oid},
    {pg_constraint::table, &SnapshotBuilder::add_constraint, pg_constraint::oid},
    {pg_rewrite::table, &SnapshotBuilder::add_rewrite_rule, pg_rewrite::ev_class},
    {pg_authid::table, &SnapshotBuilder::add_role, 0},
    {pg_auth_members::table, &SnapshotBuilder::add_role_membership, 0},
    {pg_database::table, &SnapshotBuilder::add_database, 0},
    {pg_db_role_setting::table, &SnapshotBuilder::add_role_setting, 0},
    {pg_extension::table, &SnapshotBuilder::add_extension, 0},
};

SnapshotPtr read(storage::Connection& connection, std::uint64_t version) {
  SnapshotBuilder builder(Snapshot::builtin());
  for (const Step& step : steps) {
    const std::vector<StoreRow> rows =
        step.user_column == 0 ? find_rows(connection, step.table, {})
                              : find_user_rows(connection, step.table, step.user_column);
    for (const StoreRow& row : rows) (builder.*step.add)(row);
  }
  return builder.finish(version);
}

}  // namespace

SnapshotPtr Loader::load(storage::Connection& connection) {
  const std::uint64_t version = catalog_version(connection);
  {
    const std::lock_guard lock(mutex_);
    if (latest_ != nullptr && latest_->version() == version) return latest_;
  }
  SnapshotPtr loaded = read(connection, version);
  const std::lock_guard lock(mutex_);
  latest_ = loaded;
  return loaded;
}

}  // namespace dvecdb::server::catalog
