// Constraints: keys, checks and foreign keys of tables that are there.
#include <fmt/format.h>

#include <algorithm>

#include "server/exec/ddl/table_definition.h"
#include "server/exec/dml/foreign_keys.h"
#include "server/exec/dml/table_shape.h"
#include "server/exec/privileges.h"
#include "server/query/deparse.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::exec {

using query::ColumnDesc;
using query::IndexDesc;
using query::RelationDesc;
using types::SqlError;
namespace oids = types::oids;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

std::vector<std::string> names_in(std::size_t count, raw::Node* const* nodes) {
  std::vector<std::string> names;
  for (const raw::Node* node : raw::list(count, nodes)) names.emplace_back(raw::string_of(node));
  return names;
}

std::vector<std::int16_t> key_columns(const RelationDesc& table,
                                      const std::vector<std::string>& names, int position = 0) {
  std::vector<std::int16_t> numbers;
  for (const std::string& name : names) {
    const ColumnDesc* column = find_column(table, name);
    if (column == nullptr) {
      throw SqlError(sqlstate::undefined_column,
                     fmt::format("column \"{}\" named in key does not exist", name))
          .at(position);
    }
    if (std::find(numbers.begin(), numbers.end(), column->number) != numbers.end()) {
      throw SqlError(sqlstate::duplicate_column,
                     fmt::format("column \"{}\" appears twice in key constraint", name));
    }
    numbers.push_back(column->number);
  }
  return numbers;
}

// How stored values of a type compare with those of others.
int comparison_class(const query::Catalog& catalog, Oid type) {
  const types::TypeDesc* desc = catalog.find_type(type);
  while (desc != nullptr && desc->kind == types::TypeKind::domain) {
    type = desc->base.oid;
    desc = catalog.find_type(type);
  }
  switch (type) {
    case oids::int2:
    case oids::int4:
    case oids::int8:
      return 1;
    case oids::text:
    case oids::varchar:
    case oids::name:
      return 2;
    default:
      return static_cast<int>(type) + 1000;
  }
}

const RelationDesc& table_of(Ddl& ddl, Oid table) {
  const RelationDesc* relation = ddl.catalog().find_relation(table);
  if (relation != nullptr) return *relation;
  throw SqlError(sqlstate::internal_error,
                 fmt::format("cache lookup failed for relation {}", table));
}

void add_key(Ddl& ddl, Oid table_oid, const ConstraintSource& source) {
  const PgQuery__Constraint& node = *source.node;
  const bool is_primary = node.contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY;
  catalog::ConstraintDefinition constraint;
  constraint.type = is_primary ? 'p' : 'u';
  constraint.is_deferrable = node.deferrable != 0 || source.is_deferrable;
  constraint.is_deferred = node.initdeferred != 0 || source.is_deferred;
  const RelationDesc& table = table_of(ddl, table_oid);
  if (is_primary) {
    for (const IndexDesc* index : table.indexes) {
      if (!index->is_primary) continue;
      throw SqlError(
          sqlstate::invalid_table_definition,
          fmt::format("multiple primary keys for table \"{}\" are not allowed", table.name));
    }
  }
  if (!raw::view(node.indexname).empty()) {
    const RelationDesc* named =
        find_relation_or_null(ddl.context(), {table.schema, node.indexname});
    const IndexDesc* index = named != nullptr ? ddl.catalog().find_index(named->oid) : nullptr;
    if (index == nullptr || index->table != table_oid) {
      throw SqlError(sqlstate::undefined_object,
                     fmt::format("index \"{}\" does not exist", node.indexname));
    }
    if (!index->is_unique) {
      throw SqlError(sqlstate::wrong_object_type,
                     fmt::format("\"{}\" is not a unique index", index->name));
    }
    constraint.index = index->oid;
    constraint.name = raw::view(node.conname).empty() ? index->name : std::string(node.conname);
    if (constraint.name != index->name) {
      ddl.context().notice("NOTICE", sqlstate::successful_completion,
                           fmt::format("ALTER TABLE / ADD CONSTRAINT USING INDEX will rename "
                                       "index \"{}\" to \"{}\"",
                                       index->name, constraint.name));
      ddl.writer().rename(catalog::relation_address(index->oid), constraint.name);
    }
    for (const IndexDesc::Key& key : index->keys) constraint.columns.push_back(key.column);
    ddl.writer().add_constraint(table_oid, constraint);
    ddl.changed();
    return;
  }
  std::vector<std::string> names = names_in(node.n_keys, node.keys);
  if (names.empty()) names.push_back(source.column);
  constraint.columns = key_columns(table, names, position_of(ddl.call(), node.location));
  if (is_primary) {
    for (const std::int16_t number : constraint.columns) {
      const ColumnDesc& column = table.columns[static_cast<std::size_t>(number - 1)];
      if (column.not_null) continue;
      storage::Statement nulls = ddl.connection().prepare(fmt::format(
          "SELECT 1 FROM {} WHERE {} IS NULL LIMIT 1", table.store_name, column.store_name));
      if (nulls.step()) {
        throw SqlError(sqlstate::not_null_violation,
                       fmt::format("column \"{}\" of relation \"{}\" contains null values",
                                   column.name, table.name))
            .schema(table.schema)
            .table(table.name)
            .column(column.name);
      }
      nulls.reset();
      ddl.writer().set_not_null(table_oid, number, true);
    }
  }
  catalog::IndexDefinition index;
  index.name = raw::view(node.conname);
  index.table = table_oid;
  index.is_unique = true;
  index.is_primary = is_primary;
  index.is_constraint = true;
  index.nulls_not_distinct = node.nulls_not_distinct != 0;
  for (const std::int16_t number : constraint.columns) {
    catalog::IndexKeyDefinition key;
    key.column = number;
    index.keys.push_back(key);
  }
  for (const std::string& name : names_in(node.n_including, node.including)) {
    index.included.push_back(get_column(table, name).number);
  }
  constraint.name = index.name;
  constraint.index = create_unique_index(ddl, index);
  ddl.changed();
  constraint.name = ddl.catalog().find_index(constraint.index)->name;
  ddl.writer().add_constraint(table_oid, constraint);
  ddl.changed();
}

void check_rows(Ddl& ddl, const RelationDesc& table, const std::string& name,
                const query::Expr& check) {
  storage::Statement violations = ddl.connection().prepare(
      fmt::format("SELECT 1 FROM {} AS t WHERE NOT ({}) LIMIT 1", table.store_name,
                  query::lower_expression(ddl.analysis(), check, &table, "t")));
  if (!violations.step()) return;
  throw SqlError(sqlstate::check_violation,
                 fmt::format("check constraint \"{}\" of relation \"{}\" is violated by some row",
                             name, table.name))
      .schema(table.schema)
      .table(table.name)
      .constraint(name);
}

query::ExprPtr analyze_check(Ddl& ddl, const raw::Node* node, const RelationDesc& table) {
  query::ExprPtr check = query::analyze_node(ddl.analysis(), node, &table, {});
  if (check->type.oid == oids::unknown) {
    return query::analyze_node(ddl.analysis(), node, &table, {oids::boolean, -1});
  }
  if (check->type.oid != oids::boolean) {
    throw SqlError(sqlstate::datatype_mismatch,
                   fmt::format("argument of CHECK must be type boolean, not type {}",
                               query::format_type(ddl.catalog(), check->type)))
        .at(position_of(ddl.call(), check->location));
  }
  return check;
}

void add_check(Ddl& ddl, Oid table_oid, const ConstraintSource& source, bool checks_rows) {
  const PgQuery__Constraint& node = *source.node;
  const RelationDesc& table = table_of(ddl, table_oid);
  const query::ExprPtr check = analyze_check(ddl, node.raw_expr, table);
  catalog::ConstraintDefinition constraint;
  constraint.type = 'c';
  constraint.name = raw::view(node.conname);
  constraint.check = check.get();
  constraint.is_validated = node.skip_validation == 0;
  constraint.is_no_inherit = node.is_no_inherit != 0;
  if (!source.column.empty()) constraint.columns = key_columns(table, {source.column});
  const Oid oid = ddl.writer().add_constraint(table_oid, constraint);
  if (checks_rows && constraint.is_validated) {
    ddl.changed();
    check_rows(ddl, table_of(ddl, table_oid), ddl.snapshot().find_constraint(oid)->name, *check);
    return;
  }
  ddl.changed();
}

void add_foreign_key(Ddl& ddl, Oid table_oid, const ConstraintSource& source, bool checks_rows) {
  const PgQuery__Constraint& node = *source.node;
  const RelationDesc& table = table_of(ddl, table_oid);
  std::vector<std::string> names = names_in(node.n_fk_attrs, node.fk_attrs);
  if (names.empty()) names.push_back(source.column);
  catalog::ConstraintDefinition constraint;
  constraint.type = 'f';
  constraint.name = raw::view(node.conname);
  for (const std::string& name : names) {
    const ColumnDesc* column = find_column(table, name);
    if (column == nullptr) {
      throw SqlError(sqlstate::undefined_column,
                     fmt::format("column \"{}\" referenced in foreign key constraint does not "
                                 "exist",
                                 name));
    }
    constraint.columns.push_back(column->number);
  }
  const ForeignKeyTarget target = find_foreign_key_target(ddl, node, table, constraint.columns);
  constraint.foreign_table = target.table;
  constraint.foreign_columns = target.columns;
  constraint.index = target.index;
  const auto letter = [](const char* text, char otherwise) {
    return raw::view(text).empty() ? otherwise : text[0];
  };
  constraint.on_update = letter(node.fk_upd_action, 'a');
  constraint.on_delete = letter(node.fk_del_action, 'a');
  constraint.match = letter(node.fk_matchtype, 's');
  if (constraint.match == 'f') {
    throw SqlError(sqlstate::feature_not_supported, "MATCH FULL is not supported");
  }
  if (node.n_fk_del_set_cols > 0) {
    throw SqlError(sqlstate::feature_not_supported,
                   "ON DELETE SET NULL with a column list is not supported");
  }
  constraint.is_deferrable = node.deferrable != 0 || source.is_deferrable;
  constraint.is_deferred = node.initdeferred != 0 || source.is_deferred;
  constraint.is_validated = node.skip_validation == 0;
  const Oid oid = ddl.writer().add_constraint(table_oid, constraint);
  ddl.changed();
  if (checks_rows && constraint.is_validated) {
    ForeignKeys::check_all(ddl.context(), table_of(ddl, table_oid),
                           *ddl.snapshot().find_constraint(oid));
  }
}

}  // namespace

ForeignKeyTarget find_foreign_key_target(Ddl& ddl, const PgQuery__Constraint& node,
                                         const RelationDesc& table,
                                         const std::vector<std::int16_t>& columns) {
  const RelationDesc& referenced = find_relation(ddl.call(), *node.pktable);
  if (referenced.kind != 'r') {
    throw SqlError(sqlstate::wrong_object_type,
                   fmt::format("referenced relation \"{}\" is not a table", referenced.name));
  }
  require_table_privilege(ddl.context(), referenced, 'x');
  ForeignKeyTarget target;
  target.table = referenced.oid;
  if (node.n_pk_attrs == 0) {
    for (const IndexDesc* index : referenced.indexes) {
      if (!index->is_primary) continue;
      target.index = index->oid;
      for (const IndexDesc::Key& key : index->keys) target.columns.push_back(key.column);
    }
    if (target.index == types::invalid_oid) {
      throw SqlError(
          sqlstate::undefined_object,
          fmt::format("there is no primary key for referenced table \"{}\"", referenced.name));
    }
  } else {
    for (const std::string& name : names_in(node.n_pk_attrs, node.pk_attrs)) {
      const ColumnDesc* column = find_column(referenced, name);
      if (column == nullptr) {
        throw SqlError(sqlstate::undefined_column,
                       fmt::format("column \"{}\" referenced in foreign key constraint does not "
                                   "exist",
                                   name));
      }
      target.columns.push_back(column->number);
    }
  }
  if (target.columns.size() != columns.size()) {
    throw SqlError(sqlstate::invalid_foreign_key,
                   "number of referencing and referenced columns for foreign key disagree");
  }
  std::vector<std::int16_t> wanted = target.columns;
  std::sort(wanted.begin(), wanted.end());
  for (const IndexDesc* index : referenced.indexes) {
    if (target.index != types::invalid_oid) break;
    if (!index->is_unique || !index->predicate_text.empty()) continue;
    std::vector<std::int16_t> found;
    for (const IndexDesc::Key& key : index->keys) found.push_back(key.column);
    std::sort(found.begin(), found.end());
    if (found == wanted) target.index = index->oid;
  }
  if (target.index == types::invalid_oid) {
    throw SqlError(sqlstate::invalid_foreign_key,
                   fmt::format("there is no unique constraint matching given keys for referenced "
                               "table \"{}\"",
                               referenced.name));
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const ColumnDesc& from = table.columns[static_cast<std::size_t>(columns[i] - 1)];
    const ColumnDesc& to = referenced.columns[static_cast<std::size_t>(target.columns[i] - 1)];
    if (comparison_class(ddl.catalog(), from.type.oid) ==
        comparison_class(ddl.catalog(), to.type.oid)) {
      continue;
    }
    const std::string name =
        raw::view(node.conname).empty()
            ? ddl.writer().choose_name(table.name, from.name, "fkey", table.schema_oid)
            : std::string(node.conname);
    throw SqlError(sqlstate::datatype_mismatch,
                   fmt::format("foreign key constraint \"{}\" cannot be implemented", name))
        .detail(fmt::format("Key columns \"{}\" and \"{}\" are of incompatible types: {} and {}.",
                            from.name, to.name, query::format_type(ddl.catalog(), from.type),
                            query::format_type(ddl.catalog(), to.type)));
  }
  return target;
}

void add_constraint(Ddl& ddl, Oid table, const ConstraintSource& source, bool checks_rows) {
  switch (source.node->contype) {
    case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
    case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
      add_key(ddl, table, source);
      return;
    case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
      add_check(ddl, table, source, checks_rows);
      return;
    case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
      add_foreign_key(ddl, table, source, checks_rows);
      return;
    case PG_QUERY__CONSTR_TYPE__CONSTR_EXCLUSION:
      throw SqlError(sqlstate::feature_not_supported, "exclusion constraints are not supported");
    default:
      return;
  }
}

}  // namespace dvecdb::server::exec
