#include "server/catalog/writer_rows.h"

#include "server/catalog/snapshot.h"
#include "server/catalog/state.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::catalog {

namespace {

namespace oids = types::oids;
namespace sqlstate = types::sqlstate;
using types::SqlError;

constexpr Oid public_schema = 2200;
constexpr Oid array_subscript_handler = 6179;
constexpr std::size_t max_name_bytes = 63;

Oid proc_oid(std::string_view name) {
  if (name.empty()) return types::invalid_oid;
  return Snapshot::builtin()->find_procs(name).at(0)->oid;
}

bool is_pinned(const ObjectAddress& address) {
  return address.object < first_user_oid && address.object != public_schema;
}

std::string cut(std::string name) {
  if (name.size() <= max_name_bytes) return name;
  std::size_t end = max_name_bytes;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
  name.resize(end);
  return name;
}

bool type_name_is_taken(storage::Connection& connection, std::string_view name, Oid schema) {
  return !find_rows(
              connection, pg_type::table,
              {{pg_type::typname, text_value(name)}, {pg_type::typnamespace, oid_value(schema)}})
              .empty();
}

}  // namespace

void add_dependency(storage::Connection& connection, const ObjectAddress& dependent,
                    const ObjectAddress& referenced, DependencyType type) {
  using namespace pg_depend;
  if (is_pinned(referenced)) return;
  insert_row(connection, table,
             {{classid, oid_value(dependent.catalog)},
              {objid, oid_value(dependent.object)},
              {objsubid, Value::integer(dependent.column)},
              {refclassid, oid_value(referenced.catalog)},
              {refobjid, oid_value(referenced.object)},
              {refobjsubid, Value::integer(referenced.column)},
              {deptype, char_value(static_cast<char>(type))}});
}

void add_dependencies(storage::Connection& connection, const ObjectAddress& dependent,
                      const References& references, Oid own_relation) {
  for (const ObjectAddress& referenced : references) {
    const bool is_own =
        referenced.catalog == pg_class::table.oid && referenced.object == own_relation;
    add_dependency(connection, dependent, referenced,
                   is_own ? DependencyType::automatic : DependencyType::normal);
  }
}

void remove_dependencies(storage::Connection& connection, const ObjectAddress& dependent) {
  using namespace pg_depend;
  delete_rows(connection, table,
              {{classid, oid_value(dependent.catalog)}, {objid, oid_value(dependent.object)}});
}

bool relation_name_is_taken(storage::Connection& connection, std::string_view name, Oid schema) {
  using namespace pg_class;
  return !find_rows(connection, table,
                    {{relname, text_value(name)}, {relnamespace, oid_value(schema)}})
              .empty();
}

void add_class(storage::Connection& connection, const ClassRow& row) {
  using namespace pg_class;
  if (relation_name_is_taken(connection, row.name, row.schema)) {
    throw SqlError(sqlstate::duplicate_table, "relation \"" + row.name + "\" already exists");
  }
  const bool has_file = row.kind == 'r' || row.kind == 'i' || row.kind == 'S';
  const bool is_empty_file = row.kind == 'i' || row.kind == 'S';
  constexpr std::int64_t first_transaction = 3;
  insert_row(connection, table,
             {{pg_class::oid, oid_value(row.oid)},
              {relname, text_value(row.name)},
              {relnamespace, oid_value(row.schema)},
              {reltype, oid_value(row.row_type)},
              {relowner, oid_value(row.owner)},
              {relam, oid_value(row.access_method)},
              {relfilenode, oid_value(has_file ? row.oid : types::invalid_oid)},
              {relpages, Value::integer(is_empty_file ? 1 : 0)},
              {reltuples, Value::real(row.kind == 'S' ? 1 : (row.kind == 'i' ? 0 : -1))},
              {relpersistence, char_value(row.persistence)},
              {relkind, char_value(row.kind)},
              {relnatts, Value::integer(row.columns)},
              {relhasrules, Value::boolean(row.kind == 'v')},
              {relispopulated, Value::boolean(true)},
              {relreplident, char_value(row.kind == 'r' ? 'd' : 'n')},
              {relfrozenxid, Value::integer(row.kind == 'r' ? first_transaction : 0)},
              {relminmxid, Value::integer(row.kind == 'r' ? 1 : 0)},
              {reloptions, options_value(row.options)}});
}

void add_attribute(storage::Connection& connection, const AttributeRow& row) {
  using namespace pg_attribute;
  const StoreRow type = row_of(connection, pg_type::table, row.type.oid);
  const Oid collation = row.collation != 0 ? row.collation : type.oid(pg_type::typcollation);
  insert_row(connection, table,
             {{attrelid, oid_value(row.relation)},
              {attname, text_value(row.name)},
              {atttypid, oid_value(row.type.oid)},
              {attstattarget, Value::integer(row.number < 0 ? 0 : -1)},
              {attlen, type.value(pg_type::typlen)},
              {attnum, Value::integer(row.number)},
              {attndims, Value::integer(row.dimensions)},
              {attcacheoff, Value::integer(-1)},
              {atttypmod, Value::integer(row.type.typmod)},
              {attbyval, type.value(pg_type::typbyval)},
              {attalign, type.value(pg_type::typalign)},
              {attstorage, type.value(pg_type::typstorage)},
              {attnotnull, Value::boolean(row.not_null)},
              {atthasdef, Value::boolean(row.has_default)},
              {attidentity, char_value(row.identity)},
              {attgenerated, char_value(row.generated)},
              {attislocal, Value::boolean(true)},
              {attcollation, oid_value(collation)}});
  const ObjectAddress column = relation_address(row.relation, row.number);
  add_dependency(connection, column, type_address(row.type.oid), DependencyType::normal);
}

void add_system_attributes(storage::Connection& connection, Oid relation) {
  struct SystemAttribute {
    int number;
    std::string_view name;
    Oid type;
  };
  constexpr SystemAttribute attributes[] = {
      {query::ctid_column, "ctid", oids::tid}, {query::xmin_column, "xmin", oids::xid},
      {query::cmin_column, "cmin", oids::cid}, {query::xmax_column, "xmax", oids::xid},
      {query::cmax_column, "cmax", oids::cid}, {query::tableoid_column, "tableoid", oids::oid},
  };
  for (const SystemAttribute& attribute : attributes) {
    AttributeRow row;
    row.relation = relation;
    row.number = attribute.number;
    row.name = attribute.name;
    row.type = {attribute.type, -1};
    row.not_null = true;
    add_attribute(connection, row);
  }
}

void add_type(storage::Connection& connection, const TypeRow& row) {
  using namespace pg_type;
  if (type_name_is_taken(connection, row.name, row.schema)) {
    SqlError error(sqlstate::duplicate_object, "type \"" + row.name + "\" already exists");
    if (row.kind == 'c') {
      error.hint(
          "A relation has an associated type of the same name, so you must use a name that "
          "doesn't conflict with any existing type.");
    }
    throw error;
  }
  const Value default_value =
      row.default_text.empty() ? Value::null() : text_value(row.default_text);
  insert_row(connection, table,
             {{pg_type::oid, oid_value(row.oid)},
              {typname, text_value(row.name)},
              {typnamespace, oid_value(row.schema)},
              {typowner, oid_value(row.owner)},
              {typlen, Value::integer(row.length)},
              {typbyval, Value::boolean(row.by_value)},
              {typtype, char_value(row.kind)},
              {typcategory, char_value(row.category)},
              {typisdefined, Value::boolean(true)},
              {typdelim, char_value(',')},
              {typrelid, oid_value(row.relation)},
              {typsubscript, oid_value(row.subscript)},
              {typelem, oid_value(row.element)},
              {typarray, oid_value(row.array)},
              {typinput, oid_value(proc_oid(row.input))},
              {typoutput, oid_value(row.output_oid != 0 ? row.output_oid : proc_oid(row.output))},
              {typreceive, oid_value(proc_oid(row.receive))},
              {typsend, oid_value(row.send_oid != 0 ? row.send_oid : proc_oid(row.send))},
              {typmodin, oid_value(row.modifier_input)},
              {typmodout, oid_value(row.modifier_output)},
              {typanalyze, oid_value(proc_oid(row.analyze))},
              {typalign, char_value(row.alignment)},
              {typstorage, char_value(row.storage)},
              {typnotnull, Value::boolean(row.not_null)},
              {typbasetype, oid_value(row.base.oid)},
              {typtypmod, Value::integer(row.base.oid == 0 ? -1 : row.base.typmod)},
              {typndims, Value::integer(row.dimensions)},
              {typcollation, oid_value(row.collation)},
              {typdefaultbin, default_value},
              {typdefault, default_value}});
}

void add_array_type(storage::Connection& connection, const TypeRow& element, Oid oid) {
  std::string name = cut("_" + element.name);
  while (type_name_is_taken(connection, name, element.schema)) name = cut("_" + name);
  TypeRow array;
  array.oid = oid;
  array.name = name;
  array.schema = element.schema;
  array.owner = element.owner;
  array.category = 'A';
  array.subscript = array_subscript_handler;
  array.element = element.oid;
  array.input = "array_in";
  array.output = "array_out";
  array.receive = "array_recv";
  array.send = "array_send";
  array.analyze = "array_typanalyze";
  array.modifier_input = element.modifier_input;
  array.modifier_output = element.modifier_output;
  array.alignment = element.alignment == 'd' ? 'd' : 'i';
  array.collation = element.collation;
  add_type(connection, array);
  add_dependency(connection, type_address(oid), type_address(element.oid),
                 DependencyType::internal);
}

void add_row_types(storage::Connection& connection, const ClassRow& relation, Oid array_oid) {
  TypeRow row;
  row.oid = relation.row_type;
  row.name = relation.name;
  row.schema = relation.schema;
  row.owner = relation.owner;
  row.kind = 'c';
  row.category = 'C';
  row.relation = relation.oid;
  row.array = array_oid;
  row.input = "record_in";
  row.output = "record_out";
  row.receive = "record_recv";
  row.send = "record_send";
  row.alignment = 'd';
  add_type(connection, row);
  if (relation.kind == 'c') {
    // A composite type owns its relation; a table owns its row type.
    add_dependency(connection, relation_address(relation.oid), type_address(row.oid),
                   DependencyType::internal);
    add_dependency(connection, type_address(row.oid), schema_address(relation.schema),
                   DependencyType::normal);
  } else {
    add_dependency(connection, type_address(row.oid), relation_address(relation.oid),
                   DependencyType::internal);
  }
  add_array_type(connection, row, array_oid);
}

StoreRow row_of(storage::Connection& connection, const CatalogTable& table, Oid oid) {
  std::vector<StoreRow> rows = find_rows(connection, table, {{1, oid_value(oid)}});
  if (rows.empty()) {
    throw SqlError(sqlstate::internal_error, "cache lookup failed for object " +
                                                 std::to_string(oid) + " of catalog " +
                                                 std::to_string(table.oid));
  }
  return std::move(rows.front());
}

void add_default(storage::Connection& connection, const ObjectAddress& column,
                 std::string_view text, const References& references, bool is_generated) {
  using namespace pg_attrdef;
  const Oid oid = allocate_oid(connection, false);
  insert_row(connection, table,
             {{pg_attrdef::oid, oid_value(oid)},
              {adrelid, oid_value(column.object)},
              {adnum, Value::integer(column.column)},
              {adbin, text_value(text)}});
  const ObjectAddress self{table.oid, oid};
  add_dependency(connection, self, column,
                 is_generated ? DependencyType::internal : DependencyType::automatic);
  for (const ObjectAddress& referenced : references) {
    const bool is_own =
        referenced.object == column.object && referenced.catalog == pg_class::table.oid;
    if (is_own && referenced.column == column.column) continue;
    add_dependency(connection, self, referenced, DependencyType::normal);
  }
}

Value options_value(const Options& options) {
  if (options.empty()) return Value::null();
  std::vector<std::string> texts;
  for (const auto& [name, value] : options) texts.push_back(name + "=" + value);
  return text_array(texts);
}

}  // namespace dvecdb::server::catalog
