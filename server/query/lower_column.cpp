// Columns: where a reference points, and how it is written there.
#include <fmt/format.h>

#include "server/query/lower.h"
#include "server/query/lower_sql.h"
#include "server/query/lower_types.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::query::lower {

namespace oids = types::oids;
using types::SqlError;
namespace sqlstate = types::sqlstate;

std::string output_name(std::size_t index) {
  return fmt::format("c{}", index + 1);
}

std::string output_list(std::size_t count, std::string_view alias) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back(fmt::format("{}.{}", alias, output_name(i)));
  }
  return join(names, ", ");
}

// `sql` means something in `from`; what stands for it in `to`, a text inside it?
std::string Lowering::import(const std::string& sql, const StoreText* from, StoreText* to) {
  if (from == to || to == nullptr) return sql;
  const std::string near = import(sql, from, to->outer);
  auto [at, is_new] = to->numbers.try_emplace(near, static_cast<int>(to->captured.size()) + 1);
  if (is_new) to->captured.push_back(near);
  return fmt::format("?{}", at->second);
}

Scope& Lowering::scope_of(const ColumnExpr& e, const Context& context) {
  Scope* scope = context.scope;
  for (int level = 0; level < e.levels_up && scope != nullptr; ++level) scope = scope->outer;
  if (scope == nullptr) {
    throw SqlError(sqlstate::internal_error, "a column reference that leads nowhere");
  }
  return *scope;
}

std::string Lowering::column(const ColumnExpr& e, const Context& context) {
  Scope& scope = scope_of(e, context);
  return import(entry_column(scope, e.entry, e.column), scope.text, context.scope->text);
}

std::string Lowering::entry_column(Scope& scope, int entry_index, int column) {
  const RangeEntry& entry = scope.query->range_table.at(static_cast<std::size_t>(entry_index));
  const EntrySql& sql = scope.entries.at(static_cast<std::size_t>(entry_index));
  auto override_at = sql.overrides.find(column);
  if (override_at != sql.overrides.end()) return override_at->second;
  if (column == 0) return whole_row(scope, entry_index, false);
  if (entry.kind == RangeKind::relation) return relation_column(entry, sql, column);
  if (entry.kind == RangeKind::join) {
    const auto at = static_cast<std::size_t>(column - 1);
    return expr(*entry.join_columns.at(at), Context{.scope = &scope});
  }
  const bool is_ordinality = entry.kind == RangeKind::function && entry.with_ordinality &&
                             column == static_cast<int>(entry.columns.size());
  if (is_ordinality) return sql.alias + ".ordinality";
  return fmt::format("{}.{}{}", sql.alias, sql.column_prefix, column);
}

std::string Lowering::relation_column(const RangeEntry& entry, const EntrySql& sql, int column) {
  switch (column) {
    case ctid_column:
      return fmt::format("('(0,' || {}.rowid || ')')", sql.alias);
    case tableoid_column:
      return std::to_string(entry.relation->oid);
    case xmin_column:
      return "2";
    case xmax_column:
    case cmin_column:
    case cmax_column:
      return "0";
    default:
      break;
  }
  const ColumnDesc& desc = entry.relation->columns.at(static_cast<std::size_t>(column - 1));
  if (desc.is_dropped) return "NULL";
  return fmt::format("{}.{}", sql.alias, store_identifier(desc.store_name));
}

std::string Lowering::whole_row(Scope& scope, int entry_index, bool as_record) {
  const RangeEntry& entry = scope.query->range_table.at(static_cast<std::size_t>(entry_index));
  const EntrySql& sql = scope.entries.at(static_cast<std::size_t>(entry_index));
  std::vector<RangeColumn> columns;
  std::vector<std::string> values;
  TypeRef type{oids::record, -1};
  if (entry.kind == RangeKind::relation) {
    if (!as_record) type.oid = entry.relation->row_type;
    for (const ColumnDesc& desc : entry.relation->columns) {
      if (desc.is_dropped) continue;
      columns.push_back({desc.name, desc.type});
      values.push_back(entry_column(scope, entry_index, desc.number));
    }
  } else {
    for (std::size_t i = 0; i < entry.columns.size(); ++i) {
      columns.push_back(entry.columns[i]);
      values.push_back(entry_column(scope, entry_index, static_cast<int>(i + 1)));
    }
  }
  const std::string row = record(type, columns, values);
  if (!sql.is_nullable || entry.kind != RangeKind::relation) return row;
  return fmt::format("CASE WHEN {}.rowid IS NULL THEN NULL ELSE {} END", sql.alias, row);
}

}  // namespace dvecdb::server::query::lower
