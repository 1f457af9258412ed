// Pieces of statements that run in parts (plan_parts.cpp).
#include <fmt/format.h>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"

namespace dvecdb::server::query::lower {

void Lowering::statement(const Query& query) {
  switch (query.command) {
    case CommandKind::select:
      plan_.for_update = query.lock != LockStrength::none;
      plan_.select.sql = select(query, around_, &root_);
      return;
    case CommandKind::insert:
      insert(query);
      break;
    case CommandKind::update:
      update(query);
      break;
    case CommandKind::delete_:
      delete_rows(query);
      break;
  }
  plan_.writes = true;
}

std::string Lowering::recursive_part(const Cte& cte, const std::string& name) {
  const std::string definition = cte_definition(cte, name, *around_, &root_);
  return fmt::format("WITH RECURSIVE {} SELECT * FROM {}", definition, name);
}

bool Lowering::has_changed(const RelationDesc& relation) const {
  return parts_ != nullptr && parts_->changes.count(relation.oid) > 0;
}

// The rows of a table as they were before the parts that have changed it.
std::string Lowering::table_before(const RelationDesc& relation) const {
  const std::string& changes = parts_->changes.at(relation.oid);
  std::string now = "rowid AS rowid";
  std::string then = "r";
  std::size_t position = 0;
  for (const ColumnDesc& column : relation.columns) {
    const std::string then_name = output_name(position++);
    if (column.is_dropped) continue;
    now += ", " + store_identifier(column.store_name);
    then += ", " + then_name;
  }
  return fmt::format(
      "(SELECT {} FROM {} WHERE rowid NOT IN (SELECT r FROM {}) UNION ALL SELECT {} FROM {} WHERE "
      "e)",
      now, store_table(relation.store_name), changes, then, changes);
}

}  // namespace dvecdb::server::query::lower
