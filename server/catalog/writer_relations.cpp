// Schemas, tables, views and their columns.
#include "server/catalog/session_catalog.h"
#include "server/catalog/state.h"
#include "server/catalog/writer_rows.h"
#include "server/query/deparse.h"
#include "server/types/error.h"

namespace dvecdb::server::catalog {

namespace {

namespace sqlstate = types::sqlstate;
using types::SqlError;

constexpr Oid heap_access_method = 2;

void check_column_names(const std::vector<ColumnDefinition>& columns) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    for (const std::string_view system : {"ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"}) {
      if (columns[i].name == system) {
        throw SqlError(sqlstate::duplicate_column, "column name \"" + columns[i].name +
                                                       "\" conflicts with a system column name");
      }
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (columns[j].name == columns[i].name) {
        throw SqlError(sqlstate::duplicate_column,
                       "column \"" + columns[i].name + "\" specified more than once");
      }
    }
  }
}

ClassRow class_row(storage::Connection& connection, const TableDefinition& table, char kind) {
  ClassRow row;
  row.oid = allocate_oid(connection, false);
  row.name = table.name;
  row.schema = table.schema;
  row.owner = table.owner;
  row.kind = kind;
  row.persistence = table.persistence;
  row.columns = static_cast<int>(table.columns.size());
  row.options = table.options;
  return row;
}

}  // namespace

Oid Writer::create_schema(std::string_view name, Oid owner) {
  using namespace pg_namespace;
  // Temporary schemas are the server's own.
  if (name.starts_with("pg_") && !name.starts_with("pg_temp_")) {
    throw SqlError(sqlstate::reserved_name,
                   "unacceptable schema name \"" + std::string(name) + "\"")
        .detail("The prefix \"pg_\" is reserved for system schemas.");
  }
  if (!find_rows(connection_, table, {{nspname, text_value(name)}}).empty()) {
    throw SqlError(sqlstate::duplicate_schema,
                   "schema \"" + std::string(name) + "\" already exists");
  }
  const Oid schema = allocate_oid(connection_, false);
  insert_row(connection_, table,
             {{pg_namespace::oid, oid_value(schema)},
              {nspname, text_value(name)},
              {nspowner, oid_value(owner)}});
  changed();
  return schema;
}

void Writer::write_columns(Oid relation, const std::vector<ColumnDefinition>& columns) {
  int number = 0;
  for (const ColumnDefinition& column : columns) {
    AttributeRow row;
    row.relation = relation;
    row.number = ++number;
    row.name = column.name;
    row.type = column.type;
    row.collation = column.collation;
    row.not_null = column.not_null;
    row.has_default = column.default_value != nullptr;
    row.identity = column.identity;
    row.generated = column.generated;
    row.dimensions = column.array_dimensions;
    add_attribute(connection_, row);
  }
}

void Writer::write_default(const RelationDesc& relation, std::int16_t column,
                           const query::Expr& value, bool is_generated) {
  add_default(connection_, relation_address(relation.oid, column), stored_text(value, &relation),
              references_of(value, relation.oid), is_generated);
}

Oid Writer::create_table(const TableDefinition& table) {
  check_column_names(table.columns);
  ClassRow row = class_row(connection_, table, 'r');
  row.access_method = heap_access_method;
  const Oid array = allocate_oid(connection_, false);
  row.row_type = allocate_oid(connection_, false);
  add_class(connection_, row);
  add_row_types(connection_, row, array);
  add_dependency(connection_, relation_address(row.oid), schema_address(table.schema),
                 DependencyType::normal);
  write_columns(row.oid, table.columns);
  add_system_attributes(connection_, row.oid);
  // The rowid is a column, so that the row store never numbers rows anew.
  std::string sql = "CREATE TABLE main.t" + std::to_string(row.oid) + " (rowid INTEGER PRIMARY KEY";
  for (std::size_t i = 1; i <= table.columns.size(); ++i) sql += ", c" + std::to_string(i);
  connection_.execute(sql + ")");

  const RelationDesc relation = current_relation(row.oid);
  std::int16_t number = 0;
  for (const ColumnDefinition& column : table.columns) {
    ++number;
    if (column.default_value == nullptr) continue;
    write_default(relation, number, *column.default_value, column.generated != '\0');
  }
  changed();
  return row.oid;
}

void Writer::write_view_rule(Oid view, query::Query& query) {
  const StorageCatalog catalog(snapshot_);
  const Oid rule = allocate_oid(connection_, false);
  using namespace pg_rewrite;
  insert_row(
      connection_, table,
      {{pg_rewrite::oid, oid_value(rule)},
       {rulename, text_value("_RETURN")},
       {ev_class, oid_value(view)},
       {ev_type, char_value('1')},
       {ev_enabled, char_value('O')},
       {is_instead, Value::boolean(true)},
       {ev_qual, text_value("<>")},
       {ev_action, text_value(query::deparse_query(catalog, query, query::PrintStyle::plain))}});
  const ObjectAddress address{table.oid, rule};
  add_dependency(connection_, address, relation_address(view), DependencyType::internal);
  for (const ObjectAddress& referenced : references_of(query)) {
    add_dependency(connection_, address, referenced, DependencyType::normal);
  }
}

Oid Writer::create_view(const ViewDefinition& view) {
  if (view.replaced != nullptr) {
    replace_view(view);
    return view.replaced->oid;
  }
  check_column_names(view.columns);
  TableDefinition as_table{view.name,        view.schema,  view.owner,
                           view.persistence, view.columns, view.options};
  ClassRow row = class_row(connection_, as_table, 'v');
  const Oid array = allocate_oid(connection_, false);
  row.row_type = allocate_oid(connection_, false);
  add_class(connection_, row);
  add_row_types(connection_, row, array);
  add_dependency(connection_, relation_address(row.oid), schema_address(view.schema),
                 DependencyType::normal);
  write_columns(row.oid, view.columns);
  write_view_rule(row.oid, *view.query);
  changed();
  return row.oid;
}

void Writer::replace_view(const ViewDefinition& view) {
  const RelationDesc& old = *view.replaced;
  const auto refuse = [](const std::string& message) {
    throw SqlError(sqlstate::invalid_table_definition, message);
  };
  if (old.columns.size() > view.columns.size()) refuse("cannot drop columns from view");
  for (std::size_t i = 0; i < old.columns.size(); ++i) {
    if (old.columns[i].name != view.columns[i].name) {
      refuse("cannot change name of view column \"" + old.columns[i].name + "\" to \"" +
             view.columns[i].name + "\"");
    }
    if (old.columns[i].type != view.columns[i].type) {
      refuse("cannot change data type of view column \"" + old.columns[i].name + "\" from " +
             query::format_type(snapshot_, old.columns[i].type) + " to " +
             query::format_type(snapshot_, view.columns[i].type));
    }
  }
  for (const StoreRow& rule :
       find_rows(connection_, pg_rewrite::table, {{pg_rewrite::ev_class, oid_value(old.oid)}})) {
    remove_dependencies(connection_, {pg_rewrite::table.oid, rule.oid(pg_rewrite::oid)});
  }
  delete_rows(connection_, pg_rewrite::table, {{pg_rewrite::ev_class, oid_value(old.oid)}});
  delete_rows(connection_, pg_attribute::table, {{pg_attribute::attrelid, oid_value(old.oid)}});
  write_columns(old.oid, view.columns);
  update_rows(connection_, pg_class::table, {{pg_class::oid, oid_value(old.oid)}},
              {{pg_class::relnatts, Value::integer(static_cast<int>(view.columns.size()))},
               {pg_class::reloptions, options_value(view.options)}});
  write_view_rule(old.oid, *view.query);
  changed();
}

std::int16_t Writer::add_column(Oid table, const ColumnDefinition& column) {
  const StoreRow row = row_of(connection_, pg_class::table, table);
  const int number = static_cast<int>(row.integer(pg_class::relnatts)) + 1;
  if (!find_rows(connection_, pg_attribute::table,
                 {{pg_attribute::attrelid, oid_value(table)},
                  {pg_attribute::attname, text_value(column.name)}})
           .empty()) {
    throw SqlError(sqlstate::duplicate_column, "column \"" + column.name + "\" of relation \"" +
                                                   row.text(pg_class::relname) +
                                                   "\" already exists");
  }
  AttributeRow attribute;
  attribute.relation = table;
  attribute.number = number;
  attribute.name = column.name;
  attribute.type = column.type;
  attribute.collation = column.collation;
  attribute.not_null = column.not_null;
  attribute.has_default = column.default_value != nullptr;
  attribute.identity = column.identity;
  attribute.generated = column.generated;
  attribute.dimensions = column.array_dimensions;
  add_attribute(connection_, attribute);
  update_rows(connection_, pg_class::table, {{pg_class::oid, oid_value(table)}},
              {{pg_class::relnatts, Value::integer(number)}});
  if (row.character(pg_class::relkind) == 'r') {
    connection_.execute("ALTER TABLE main.t" + std::to_string(table) + " ADD COLUMN c" +
                        std::to_string(number));
  }
  if (column.default_value != nullptr) {
    write_default(current_relation(table), static_cast<std::int16_t>(number), *column.default_value,
                  column.generated != '\0');
  }
  changed();
  return static_cast<std::int16_t>(number);
}

void Writer::set_default(Oid table, std::int16_t column, const query::Expr* value) {
  for (const StoreRow& old : find_rows(connection_, pg_attrdef::table,
                                       {{pg_attrdef::adrelid, oid_value(table)},
                                        {pg_attrdef::adnum, Value::integer(column)}})) {
    remove_dependencies(connection_, {pg_attrdef::table.oid, old.oid(pg_attrdef::oid)});
    delete_rows(connection_, pg_attrdef::table, {{pg_attrdef::oid, old.value(pg_attrdef::oid)}});
  }
  if (value != nullptr) write_default(current_relation(table), column, *value, false);
  update_rows(
      connection_, pg_attribute::table,
      {{pg_attribute::attrelid, oid_value(table)}, {pg_attribute::attnum, Value::integer(column)}},
      {{pg_attribute::atthasdef, Value::boolean(value != nullptr)}});
  changed();
}

void Writer::set_not_null(Oid table, std::int16_t column, bool not_null) {
  update_rows(
      connection_, pg_attribute::table,
      {{pg_attribute::attrelid, oid_value(table)}, {pg_attribute::attnum, Value::integer(column)}},
      {{pg_attribute::attnotnull, Value::boolean(not_null)}});
  changed();
}

void Writer::set_identity(Oid table, std::int16_t column, char identity) {
  update_rows(
      connection_, pg_attribute::table,
      {{pg_attribute::attrelid, oid_value(table)}, {pg_attribute::attnum, Value::integer(column)}},
      {{pg_attribute::attidentity, char_value(identity)}});
  changed();
}

void Writer::drop_generation(Oid table, std::int16_t column) {
  set_default(table, column, nullptr);
  update_rows(
      connection_, pg_attribute::table,
      {{pg_attribute::attrelid, oid_value(table)}, {pg_attribute::attnum, Value::integer(column)}},
      {{pg_attribute::attgenerated, char_value('\0')}});
}

void Writer::set_column_type(Oid table, std::int16_t column, TypeRef type, Oid collation) {
  const StoreRow row = row_of(connection_, pg_type::table, type.oid);
  const Oid effective = collation != 0 ? collation : row.oid(pg_type::typcollation);
  using namespace pg_attribute;
  update_rows(connection_, pg_attribute::table,
              {{attrelid, oid_value(table)}, {attnum, Value::integer(column)}},
              {{atttypid, oid_value(type.oid)},
               {atttypmod, Value::integer(type.typmod)},
               {attlen, row.value(pg_type::typlen)},
               {attbyval, row.value(pg_type::typbyval)},
               {attalign, row.value(pg_type::typalign)},
               {attstorage, row.value(pg_type::typstorage)},
               {attcollation, oid_value(effective)}});
  delete_rows(connection_, pg_depend::table,
              {{pg_depend::classid, oid_value(pg_class::table.oid)},
               {pg_depend::objid, oid_value(table)},
               {pg_depend::objsubid, Value::integer(column)},
               {pg_depend::refclassid, oid_value(pg_type::table.oid)}});
  add_dependency(connection_, relation_address(table, column), type_address(type.oid),
                 DependencyType::normal);
  changed();
}

void Writer::set_storage_options(Oid relation, const Options& options) {
  update_rows(connection_, pg_class::table, {{pg_class::oid, oid_value(relation)}},
              {{pg_class::reloptions, options_value(options)}});
  changed();
}

void Writer::set_persistence(Oid relation, char persistence) {
  update_rows(connection_, pg_class::table, {{pg_class::oid, oid_value(relation)}},
              {{pg_class::relpersistence, char_value(persistence)}});
  changed();
}

void Writer::set_statistics(Oid relation, double rows, std::int64_t pages) {
  update_rows(
      connection_, pg_class::table, {{pg_class::oid, oid_value(relation)}},
      {{pg_class::reltuples, Value::real(rows)}, {pg_class::relpages, Value::integer(pages)}});
  changed();
}

}  // namespace dvecdb::server::catalog
