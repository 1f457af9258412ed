// What can be done to objects of any kind: names, schemas, owners, comments, privileges.
#include <algorithm>

#include "server/catalog/extensions.h"
#include "server/catalog/state.h"
#include "server/catalog/stored_texts.h"
#include "server/catalog/writer_rows.h"
#include "server/types/error.h"

namespace dvecdb::server::catalog {

namespace {

namespace sqlstate = types::sqlstate;
using types::SqlError;

// Where a catalog keeps what all objects have; 0: its objects do not have it.
struct ObjectColumns {
  CatalogTable table;
  int name;
  int schema;
  int owner;
  int acl;
  std::string_view word;
  std::string_view duplicate;
};

constexpr ObjectColumns object_columns[] = {
    {pg_class::table, pg_class::relname, pg_class::relnamespace, pg_class::relowner,
     pg_class::relacl, "relation", sqlstate::duplicate_table},
    {pg_type::table, pg_type::typname, pg_type::typnamespace, pg_type::typowner, pg_type::typacl,
     "type", sqlstate::duplicate_object},
    {pg_namespace::table, pg_namespace::nspname, 0, pg_namespace::nspowner, pg_namespace::nspacl,
     "schema", sqlstate::duplicate_schema},
    {pg_proc::table, pg_proc::proname, pg_proc::pronamespace, pg_proc::proowner, pg_proc::proacl,
     "function", sqlstate::duplicate_function},
    {pg_constraint::table, pg_constraint::conname, 0, 0, 0, "constraint",
     sqlstate::duplicate_object},
    {pg_database::table, pg_database::datname, 0, pg_database::datdba, pg_database::datacl,
     "database", sqlstate::duplicate_database},
    {pg_authid::table, pg_authid::rolname, 0, 0, 0, "role", sqlstate::duplicate_object},
    {pg_language::table, pg_language::lanname, 0, pg_language::lanowner, pg_language::lanacl,
     "language", sqlstate::duplicate_object},
    {pg_extension::table, pg_extension::extname, pg_extension::extnamespace, pg_extension::extowner,
     0, "extension", sqlstate::duplicate_object},
};

const ObjectColumns& columns_of(Oid catalog) {
  for (const ObjectColumns& columns : object_columns) {
    if (columns.table.oid == catalog) return columns;
  }
  throw SqlError(sqlstate::feature_not_supported, "this object cannot be altered");
}

bool is_shared_catalog(Oid catalog) {
  return catalog == pg_database::table.oid || catalog == pg_authid::table.oid;
}

ColumnValues self_of(const ObjectAddress& object) {
  return {{1, oid_value(object.object)}};
}

// The row type and the array type of a relation or type, which follow its name and owner.
std::vector<Oid> types_of(storage::Connection& connection, const ObjectAddress& object) {
  Oid type = object.object;
  if (object.catalog == pg_class::table.oid) {
    type = row_of(connection, pg_class::table, object.object).oid(pg_class::reltype);
  } else if (object.catalog != pg_type::table.oid) {
    return {};
  }
  if (type == types::invalid_oid) return {};
  std::vector<Oid> out;
  if (object.catalog == pg_class::table.oid) out.push_back(type);
  const Oid array = row_of(connection, pg_type::table, type).oid(pg_type::typarray);
  if (array != types::invalid_oid) out.push_back(array);
  return out;
}

void rename_type_parts(storage::Connection& connection, const StoreRow& type,
                       const std::string& name) {
  const Oid array = type.oid(pg_type::typarray);
  if (array != types::invalid_oid) {
    update_rows(connection, pg_type::table, {{pg_type::oid, oid_value(array)}},
                {{pg_type::typname, text_value("_" + name)}});
  }
  if (type.oid(pg_type::typrelid) != types::invalid_oid) {
    update_rows(connection, pg_class::table, {{pg_class::oid, type.value(pg_type::typrelid)}},
                {{pg_class::relname, text_value(name)}});
  }
}

void rename_row_type(storage::Connection& connection, const StoreRow& relation,
                     const std::string& name) {
  const Oid row_type = relation.oid(pg_class::reltype);
  if (row_type == types::invalid_oid) return;
  rename_type_parts(connection, row_of(connection, pg_type::table, row_type), name);
  update_rows(connection, pg_type::table, {{pg_type::oid, oid_value(row_type)}},
              {{pg_type::typname, text_value(name)}});
}

std::vector<Oid> owned_sequences(storage::Connection& connection, Oid table) {
  std::vector<Oid> out;
  for (const StoreRow& row : find_rows(connection, pg_depend::table,
                                       {{pg_depend::refclassid, oid_value(pg_class::table.oid)},
                                        {pg_depend::refobjid, oid_value(table)},
                                        {pg_depend::classid, oid_value(pg_class::table.oid)}})) {
    const Oid relation = row.oid(pg_depend::objid);
    const bool is_sequence =
        !find_rows(connection, pg_sequence::table, {{pg_sequence::seqrelid, oid_value(relation)}})
             .empty();
    if (is_sequence && row.character(pg_depend::deptype) != 'n') out.push_back(relation);
  }
  return out;
}

// The object, its types, and what belongs to a table: indexes, constraints, owned sequences.
void move_to_schema(storage::Connection& connection, const ObjectAddress& object, Oid schema) {
  const ObjectColumns& columns = columns_of(object.catalog);
  update_rows(connection, columns.table, self_of(object), {{columns.schema, oid_value(schema)}});
  for (const Oid type : types_of(connection, object)) {
    update_rows(connection, pg_type::table, {{pg_type::oid, oid_value(type)}},
                {{pg_type::typnamespace, oid_value(schema)}});
  }
  if (object.catalog != pg_class::table.oid) return;
  update_rows(connection, pg_constraint::table,
              {{pg_constraint::conrelid, oid_value(object.object)}},
              {{pg_constraint::connamespace, oid_value(schema)}});
  for (const StoreRow& index :
       find_rows(connection, pg_index::table, {{pg_index::indrelid, oid_value(object.object)}})) {
    update_rows(connection, pg_class::table, {{pg_class::oid, index.value(pg_index::indexrelid)}},
                {{pg_class::relnamespace, oid_value(schema)}});
  }
  for (const Oid sequence : owned_sequences(connection, object.object)) {
    update_rows(connection, pg_class::table, {{pg_class::oid, oid_value(sequence)}},
                {{pg_class::relnamespace, oid_value(schema)}});
  }
}

}  // namespace

void Writer::rename_column(const ObjectAddress& object, const std::string& name) {
  using namespace pg_attribute;
  const RelationDesc relation = current_relation(object.object);
  for (const query::ColumnDesc& column : relation.columns) {
    if (column.name != name) continue;
    throw SqlError(sqlstate::duplicate_column,
                   "column \"" + name + "\" of relation \"" + relation.name + "\" already exists");
  }
  StoredTexts texts(connection_, snapshot_, context_);
  update_rows(connection_, table,
              {{attrelid, oid_value(object.object)}, {attnum, Value::integer(object.column)}},
              {{attname, text_value(name)}});
  // Indexes' columns are named after the table's.
  for (const StoreRow& index :
       find_rows(connection_, pg_index::table, {{pg_index::indrelid, oid_value(object.object)}})) {
    const std::vector<std::int64_t> keys = index.integers(pg_index::indkey);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] != object.column) continue;
      update_rows(connection_, table,
                  {{attrelid, index.value(pg_index::indexrelid)},
                   {attnum, Value::integer(static_cast<std::int64_t>(i) + 1)}},
                  {{attname, text_value(name)}});
    }
  }
  texts.rewrite(connection_);
  changed();
}

void Writer::rename(const ObjectAddress& object, std::string_view name) {
  const std::string new_name(name);
  if (object.column != 0) {
    rename_column(object, new_name);
    return;
  }
  const ObjectColumns& columns = columns_of(object.catalog);
  const StoreRow row = row_of(connection_, columns.table, object.object);
  ColumnValues same = {{columns.name, text_value(name)}};
  if (columns.schema != 0) same.push_back({columns.schema, row.value(columns.schema)});
  if (object.catalog == pg_constraint::table.oid) {
    same.push_back({pg_constraint::conrelid, row.value(pg_constraint::conrelid)});
    same.push_back({pg_constraint::contypid, row.value(pg_constraint::contypid)});
  }
  if (object.catalog != pg_proc::table.oid &&
      !find_rows(connection_, columns.table, same).empty()) {
    throw SqlError(columns.duplicate,
                   std::string(columns.word) + " \"" + new_name + "\" already exists");
  }
  if (object.catalog == pg_namespace::table.oid && name.starts_with("pg_")) {
    throw SqlError(sqlstate::reserved_name, "unacceptable schema name \"" + new_name + "\"")
        .detail("The prefix \"pg_\" is reserved for system schemas.");
  }
  StoredTexts texts(connection_, snapshot_, context_);
  update_rows(connection_, columns.table, self_of(object), {{columns.name, text_value(name)}});
  if (object.catalog == pg_class::table.oid) rename_row_type(connection_, row, new_name);
  if (object.catalog == pg_type::table.oid) rename_type_parts(connection_, row, new_name);
  // An index and its constraint, a constraint and its index have one name.
  if (object.catalog == pg_constraint::table.oid && row.character(pg_constraint::contype) != 'f' &&
      row.oid(pg_constraint::conindid) != 0) {
    update_rows(connection_, pg_class::table, {{pg_class::oid, row.value(pg_constraint::conindid)}},
                {{pg_class::relname, text_value(name)}});
  }
  if (object.catalog == pg_class::table.oid && row.character(pg_class::relkind) == 'i') {
    for (const char type : {'p', 'u'}) {
      update_rows(connection_, pg_constraint::table,
                  {{pg_constraint::conindid, oid_value(object.object)},
                   {pg_constraint::contype, char_value(type)}},
                  {{pg_constraint::conname, text_value(name)}});
    }
  }
  texts.rewrite(connection_);
  bump_version(connection_, is_shared_catalog(object.catalog));
}

void Writer::set_schema(const ObjectAddress& object, Oid schema) {
  const ObjectColumns& columns = columns_of(object.catalog);
  const StoreRow row = row_of(connection_, columns.table, object.object);
  const Oid old = row.oid(columns.schema);
  if (old == schema) return;
  const bool is_taken =
      !find_rows(connection_, columns.table,
                 {{columns.name, row.value(columns.name)}, {columns.schema, oid_value(schema)}})
           .empty();
  if (is_taken) {
    const std::string schema_name =
        row_of(connection_, pg_namespace::table, schema).text(pg_namespace::nspname);
    throw SqlError(columns.duplicate, std::string(columns.word) + " \"" + row.text(columns.name) +
                                          "\" already exists in schema \"" + schema_name + "\"");
  }
  StoredTexts texts(connection_, snapshot_, context_);
  move_to_schema(connection_, object, schema);
  update_rows(connection_, pg_depend::table,
              {{pg_depend::classid, oid_value(object.catalog)},
               {pg_depend::objid, oid_value(object.object)},
               {pg_depend::refclassid, oid_value(pg_namespace::table.oid)},
               {pg_depend::refobjid, oid_value(old)}},
              {{pg_depend::refobjid, oid_value(schema)}});
  texts.rewrite(connection_);
  changed();
}

void Writer::set_owner(const ObjectAddress& object, Oid owner) {
  const ObjectColumns& columns = columns_of(object.catalog);
  update_rows(connection_, columns.table, self_of(object), {{columns.owner, oid_value(owner)}});
  for (const Oid type : types_of(connection_, object)) {
    update_rows(connection_, pg_type::table, {{pg_type::oid, oid_value(type)}},
                {{pg_type::typowner, oid_value(owner)}});
  }
  if (object.catalog == pg_class::table.oid) {
    for (const StoreRow& index : find_rows(connection_, pg_index::table,
                                           {{pg_index::indrelid, oid_value(object.object)}})) {
      update_rows(connection_, pg_class::table,
                  {{pg_class::oid, index.value(pg_index::indexrelid)}},
                  {{pg_class::relowner, oid_value(owner)}});
    }
    for (const Oid sequence : owned_sequences(connection_, object.object)) {
      update_rows(connection_, pg_class::table, {{pg_class::oid, oid_value(sequence)}},
                  {{pg_class::relowner, oid_value(owner)}});
    }
  }
  bump_version(connection_, is_shared_catalog(object.catalog));
}

void Writer::set_comment(const ObjectAddress& object, const std::optional<std::string>& comment) {
  if (is_shared_catalog(object.catalog)) {
    using namespace pg_shdescription;
    delete_rows(connection_, table,
                {{objoid, oid_value(object.object)}, {classoid, oid_value(object.catalog)}});
    if (!comment) return;
    insert_row(connection_, table,
               {{objoid, oid_value(object.object)},
                {classoid, oid_value(object.catalog)},
                {description, text_value(*comment)}});
    return;
  }
  using namespace pg_description;
  delete_rows(connection_, table,
              {{objoid, oid_value(object.object)},
               {classoid, oid_value(object.catalog)},
               {objsubid, Value::integer(object.column)}});
  if (!comment) return;
  insert_row(connection_, table,
             {{objoid, oid_value(object.object)},
              {classoid, oid_value(object.catalog)},
              {objsubid, Value::integer(object.column)},
              {description, text_value(*comment)}});
}

void Writer::set_acl(const ObjectAddress& object,
                     const std::optional<std::vector<std::string>>& acl) {
  const Value value = acl ? aclitem_array(*acl) : Value::null();
  if (object.column != 0) {
    update_rows(connection_, pg_attribute::table,
                {{pg_attribute::attrelid, oid_value(object.object)},
                 {pg_attribute::attnum, Value::integer(object.column)}},
                {{pg_attribute::attacl, value}});
  } else {
    const ObjectColumns& columns = columns_of(object.catalog);
    update_rows(connection_, columns.table, self_of(object), {{columns.acl, value}});
  }
  bump_version(connection_, is_shared_catalog(object.catalog));
}

void Writer::set_default_acl(Oid role, Oid schema, char kind, const std::vector<std::string>& acl) {
  using namespace pg_default_acl;
  const ColumnValues self = {{defaclrole, oid_value(role)},
                             {defaclnamespace, oid_value(schema)},
                             {defaclobjtype, char_value(kind)}};
  delete_rows(connection_, table, self);
  if (acl.empty()) return;
  ColumnValues row = self;
  row.push_back({pg_default_acl::oid, oid_value(allocate_oid(connection_, false))});
  row.push_back({defaclacl, aclitem_array(acl)});
  insert_row(connection_, table, row);
}

Oid Writer::create_extension(std::string_view name, Oid owner) {
  const auto known = std::find_if(std::begin(known_extensions), std::end(known_extensions),
                                  [&](const KnownExtension& one) { return one.name == name; });
  if (known == std::end(known_extensions)) {
    throw SqlError(sqlstate::feature_not_supported,
                   "extension \"" + std::string(name) + "\" is not available")
        .hint("SELECT name FROM pg_available_extensions tells what is.");
  }
  constexpr Oid public_schema = 2200;
  const Oid created = allocate_oid(connection_, false);
  using namespace pg_extension;
  insert_row(connection_, table,
             {{pg_extension::oid, oid_value(created)},
              {extname, text_value(known->name)},
              {extowner, oid_value(owner)},
              {extnamespace, oid_value(public_schema)},
              {extrelocatable, Value::boolean(known->is_relocatable)},
              {extversion, text_value(known->version)}});
  changed();
  return created;
}

}  // namespace dvecdb::server::catalog
