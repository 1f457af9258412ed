#include "server/catalog/builtin_rows.h"
#include "server/catalog/snapshot_builder.h"
#include "server/catalog/tables.h"
#include "server/catalog/view_texts.h"

namespace dvecdb::server::catalog {

namespace {

using AddRow = void (SnapshotBuilder::*)(const Row&);

struct Step {
  Oid table;
  AddRow add;
};

// In the order that the builder asks for.
constexpr Step steps[] = {
    {pg_namespace::table.oid, &SnapshotBuilder::add_schema},
    {pg_am::table.oid, &SnapshotBuilder::add_access_method},
    {pg_collation::table.oid, &SnapshotBuilder::add_collation},
    {pg_language::table.oid, &SnapshotBuilder::add_language},
    {pg_proc::table.oid, &SnapshotBuilder::add_proc},
    {pg_aggregate::table.oid, &SnapshotBuilder::add_aggregate},
    {pg_type::table.oid, &SnapshotBuilder::add_type},
    {pg_operator::table.oid, &SnapshotBuilder::add_operator},
    {pg_cast::table.oid, &SnapshotBuilder::add_cast},
    {pg_opclass::table.oid, &SnapshotBuilder::add_operator_class},
    {pg_amop::table.oid, &SnapshotBuilder::add_operator_family_member},
    {pg_class::table.oid, &SnapshotBuilder::add_relation},
    {pg_attribute::table.oid, &SnapshotBuilder::add_column},
    {pg_index::table.oid, &SnapshotBuilder::add_index},
    {pg_class::table.oid, &SnapshotBuilder::add_index_details},
    {pg_constraint::table.oid, &SnapshotBuilder::add_constraint},
};

SnapshotPtr build() {
  const BuiltinRows& rows = BuiltinRows::instance();
  SnapshotBuilder builder(nullptr);
  for (const Step& step : steps) {
    const TextTable& table = rows.table(step.table).rows;
    for (std::size_t i = 0; i < table.size(); ++i) (builder.*step.add)(table.row(i));
  }
  for (const ViewText& view : builtin_view_texts()) builder.set_view_text(view.oid, view.text);
  return builder.finish(0);
}

}  // namespace

SnapshotPtr Snapshot::builtin() {
  static const SnapshotPtr snapshot = build();
  return snapshot;
}

}  // namespace dvecdb::server::catalog
