// Indexes and constraints.
#include <algorithm>

#include "server/catalog/session_catalog.h"
#include "server/catalog/state.h"
#include "server/catalog/writer_rows.h"
#include "server/query/plan.h"
#include "server/types/error.h"
#include "server/types/type_io.h"

namespace dvecdb::server::catalog {

namespace {

namespace sqlstate = types::sqlstate;
using types::SqlError;

std::int16_t key_option(const IndexKeyDefinition& key) {
  return static_cast<std::int16_t>((key.descending ? 1 : 0) | (key.nulls_first ? 2 : 0));
}

// The column name of an index's expression: the function's, or "expr".
std::string expression_name(const query::Expr& expr) {
  if (expr.kind == query::ExprKind::function) {
    const auto& call = static_cast<const query::FunctionExpr&>(expr);
    if (call.form == query::CoercionForm::call) return call.proc->name;
  }
  if (expr.kind == query::ExprKind::coalesce) return "coalesce";
  return "expr";
}

struct KeyColumn {
  std::string name;
  TypeRef type;
  Oid collation = types::invalid_oid;
};

KeyColumn key_column(const RelationDesc& table, const IndexKeyDefinition& key) {
  if (key.expression != nullptr) {
    return {expression_name(*key.expression), key.expression->type,
            key.collation != 0 ? key.collation : key.expression->collation};
  }
  const query::ColumnDesc& column = table.columns.at(key.column - 1);
  return {column.name, column.type, key.collation != 0 ? key.collation : column.collation};
}

// Index columns need distinct names: "lower", "lower1" ...
std::string distinct_name(std::vector<std::string>& taken, const std::string& name) {
  std::string candidate = name;
  for (int number = 1; std::find(taken.begin(), taken.end(), candidate) != taken.end(); ++number) {
    candidate = name + std::to_string(number);
  }
  taken.push_back(candidate);
  return candidate;
}

Oid base_type(const Snapshot& snapshot, Oid type) {
  const TypeDesc* desc = snapshot.find_type(type);
  while (desc != nullptr && desc->kind == types::TypeKind::domain) {
    type = desc->base.oid;
    desc = snapshot.find_type(type);
  }
  return type;
}

std::string index_label(const IndexDefinition& index) {
  if (index.is_primary) return "pkey";
  return index.is_constraint ? "key" : "idx";
}

}  // namespace

std::string Writer::store_value(const RelationDesc& table, const IndexKeyDefinition& key,
                                TypeRef type) const {
  const std::string expression =
      key.expression == nullptr
          ? "c" + std::to_string(key.column)
          : "(" + query::lower_expression(context_, *key.expression, &table, "") + ")";
  if (types::ordering_of(context_.io, type.oid) != types::Ordering::sort_key) return expression;
  // As the lowering writes it, so that comparisons find the index.
  return "sort_key(" + std::to_string(base_type(snapshot_, type.oid)) + ", " + expression + ")";
}

std::string Writer::store_collation(TypeRef type) const {
  if (types::ordering_of(context_.io, type.oid) != types::Ordering::collation) return {};
  return " COLLATE " + std::string(types::collation_name(context_.io, type.oid));
}

std::string Writer::store_key(const RelationDesc& table, const IndexKeyDefinition& key,
                              TypeRef type) const {
  const std::string sql = store_value(table, key, type) + store_collation(type);
  return key.descending ? sql + " DESC" : sql;
}

void Writer::create_store_index(const RelationDesc& table, Oid index,
                                const IndexDefinition& definition) {
  std::string sql = definition.is_unique ? "CREATE UNIQUE INDEX main.i" : "CREATE INDEX main.i";
  sql += std::to_string(index) + " ON t" + std::to_string(table.oid) + " (";
  for (const IndexKeyDefinition& key : definition.keys) {
    if (sql.back() != '(') sql += ", ";
    const TypeRef type = key_column(table, key).type;
    if (definition.nulls_not_distinct) {
      // The store takes every NULL for another: index what stands in its place, and that it does.
      const std::string value = store_value(table, key, type);
      sql += value + " IS NULL, ifnull(" + value + ", 0)" + store_collation(type);
    } else {
      sql += store_key(table, key, type);
    }
  }
  sql += ")";
  if (definition.predicate != nullptr) {
    sql += " WHERE " + query::lower_expression(context_, *definition.predicate, &table, "");
  }
  connection_.execute(sql);
}

Oid Writer::create_index(const IndexDefinition& definition) {
  const RelationDesc table = current_relation(definition.table);
  const AccessMethodDesc* method = snapshot_.find_access_method(definition.method);
  if (method == nullptr) {
    throw SqlError(sqlstate::undefined_object,
                   "access method \"" + definition.method + "\" does not exist");
  }
  std::vector<KeyColumn> columns;
  for (const IndexKeyDefinition& key : definition.keys) columns.push_back(key_column(table, key));
  for (const std::int16_t number : definition.included) {
    const query::ColumnDesc& column = table.columns.at(number - 1);
    columns.push_back({column.name, column.type, types::invalid_oid});
  }
  std::vector<std::string> names;
  std::string all_names;
  for (const KeyColumn& column : columns) {
    names.push_back(column.name);
    all_names += (all_names.empty() ? "" : "_") + column.name;
  }
  names.clear();

  ClassRow row;
  row.oid = allocate_oid(connection_, false);
  row.name = definition.name;
  if (row.name.empty()) {
    row.name = choose_name(table.name, definition.is_primary ? "" : all_names,
                           index_label(definition), table.schema_oid);
  }
  row.schema = table.schema_oid;
  row.owner = table.owner;
  row.access_method = method->oid;
  row.kind = 'i';
  row.persistence = table.persistence;
  row.columns = static_cast<int>(columns.size());
  row.options = definition.options;
  add_class(connection_, row);

  std::vector<std::int16_t> numbers;
  std::vector<std::int16_t> key_options;
  std::vector<Oid> classes;
  std::vector<Oid> collations;
  std::string expressions;
  References references;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    AttributeRow attribute;
    attribute.relation = row.oid;
    attribute.number = static_cast<int>(i) + 1;
    attribute.name = distinct_name(names, columns[i].name);
    attribute.type = columns[i].type;
    attribute.collation = columns[i].collation;
    add_attribute(connection_, attribute);
    collations.push_back(columns[i].collation);
    if (i >= definition.keys.size()) {
      numbers.push_back(definition.included[i - definition.keys.size()]);
      references.insert(relation_address(table.oid, numbers.back()));
      continue;
    }
    const IndexKeyDefinition& key = definition.keys[i];
    numbers.push_back(key.column);
    key_options.push_back(key_option(key));
    classes.push_back(key.operator_class);
    if (key.expression == nullptr) {
      references.insert(relation_address(table.oid, key.column));
      continue;
    }
    if (!expressions.empty()) expressions += ", ";
    expressions += stored_text(*key.expression, &table);
    references.merge(references_of(*key.expression, table.oid));
  }
  if (definition.predicate != nullptr) {
    references.merge(references_of(*definition.predicate, table.oid));
  }

  using namespace pg_index;
  const auto count = static_cast<std::int64_t>(columns.size());
  insert_row(connection_, pg_index::table,
             {{indexrelid, oid_value(row.oid)},
              {indrelid, oid_value(table.oid)},
              {indnatts, Value::integer(count)},
              {indnkeyatts, Value::integer(static_cast<std::int64_t>(definition.keys.size()))},
              {indisunique, Value::boolean(definition.is_unique)},
              {indnullsnotdistinct, Value::boolean(definition.nulls_not_distinct)},
              {indisprimary, Value::boolean(definition.is_primary)},
              {indimmediate, Value::boolean(true)},
              {indisvalid, Value::boolean(true)},
              {indisready, Value::boolean(true)},
              {indislive, Value::boolean(true)},
              {indkey, int2_vector(numbers)},
              {indcollation, oid_vector(collations)},
              {indclass, oid_vector(classes)},
              {indoption, int2_vector(key_options)},
              {indexprs, expressions.empty() ? Value::null() : text_value(expressions)},
              {indpred, definition.predicate == nullptr
                            ? Value::null()
                            : text_value(stored_text(*definition.predicate, &table))}});
  add_dependencies(connection_, relation_address(row.oid), references, table.oid);
  update_rows(connection_, pg_class::table, {{pg_class::oid, oid_value(table.oid)}},
              {{pg_class::relhasindex, Value::boolean(true)}});
  if (query::has_store_index(definition.method)) create_store_index(table, row.oid, definition);
  changed();
  return row.oid;
}

void Writer::rebuild_index(const IndexDesc& index) {
  if (!query::has_store_index(index.method)) return;
  const RelationDesc table = current_relation(index.table);
  IndexDefinition definition;
  definition.table = index.table;
  definition.method = index.method;
  definition.is_unique = index.is_unique;
  definition.nulls_not_distinct = index.nulls_not_distinct;
  std::vector<query::ExprPtr> analyzed;
  for (const IndexDesc::Key& key : index.keys) {
    IndexKeyDefinition copy;
    copy.column = key.column;
    copy.descending = key.descending;
    if (key.column == 0) {
      analyzed.push_back(query::analyze_expression(context_, key.expression_text, &table, {}));
      copy.expression = analyzed.back().get();
    }
    definition.keys.push_back(copy);
  }
  if (!index.predicate_text.empty()) {
    analyzed.push_back(query::analyze_expression(context_, index.predicate_text, &table, {}));
    definition.predicate = analyzed.back().get();
  }
  connection_.execute("DROP INDEX IF EXISTS main.i" + std::to_string(index.oid));
  create_store_index(table, index.oid, definition);
}

namespace {

std::string constraint_label(char type) {
  switch (type) {
    case 'f':
      return "fkey";
    case 'p':
      return "pkey";
    case 'u':
      return "key";
    default:
      return "check";
  }
}

// Columns' names joined: what a constraint without a name is called after.
std::string joined_names(const RelationDesc& table, const std::vector<std::int16_t>& columns) {
  std::string out;
  for (const std::int16_t number : columns) {
    out += (out.empty() ? "" : "_") + table.columns.at(number - 1).name;
  }
  return out;
}

Value numbers_or_null(const std::vector<std::int16_t>& numbers) {
  return numbers.empty() ? Value::null() : int2_array(numbers);
}

// The equality operator of two columns' types, as pg_constraint names it for foreign keys.
Oid equality_operator(const Snapshot& snapshot, Oid left, Oid right) {
  for (const OperatorDesc* op : snapshot.find_operators("=")) {
    if (op->left == left && op->right == right) return op->oid;
  }
  return types::invalid_oid;
}

}  // namespace

Oid Writer::add_constraint(Oid table, const ConstraintDefinition& definition) {
  const RelationDesc relation = current_relation(table);
  std::vector<std::int16_t> columns = definition.columns;
  References references;
  if (definition.check != nullptr) {
    references = references_of(*definition.check, table);
    if (columns.empty()) {
      for (const ObjectAddress& address : references) {
        if (address.object == table && address.column > 0) {
          columns.push_back(static_cast<std::int16_t>(address.column));
        }
      }
    }
  }
  std::string name = definition.name;
  if (name.empty() && definition.index != 0 && definition.type != 'f') {
    name = row_of(connection_, pg_class::table, definition.index).text(pg_class::relname);
  } else if (name.empty()) {
    const bool is_check_of_many = definition.type == 'c' && columns.size() != 1;
    name = choose_name(relation.name, is_check_of_many ? "" : joined_names(relation, columns),
                       constraint_label(definition.type), relation.schema_oid);
  }
  using namespace pg_constraint;
  if (!find_rows(connection_, pg_constraint::table,
                 {{conrelid, oid_value(table)},
                  {contypid, oid_value(types::invalid_oid)},
                  {conname, text_value(name)}})
           .empty()) {
    throw SqlError(sqlstate::duplicate_object, "constraint \"" + name + "\" for relation \"" +
                                                   relation.name + "\" already exists");
  }
  const bool is_foreign = definition.type == 'f';
  const Oid constraint = allocate_oid(connection_, false);
  ColumnValues row = {
      {pg_constraint::oid, oid_value(constraint)},
      {conname, text_value(name)},
      {connamespace, oid_value(relation.schema_oid)},
      {contype, char_value(definition.type)},
      {condeferrable, Value::boolean(definition.is_deferrable)},
      {condeferred, Value::boolean(definition.is_deferred)},
      {convalidated, Value::boolean(definition.is_validated)},
      {conrelid, oid_value(table)},
      {conindid, oid_value(definition.index)},
      {confrelid, oid_value(definition.foreign_table)},
      {confupdtype, char_value(is_foreign ? definition.on_update : ' ')},
      {confdeltype, char_value(is_foreign ? definition.on_delete : ' ')},
      {confmatchtype, char_value(is_foreign ? definition.match : ' ')},
      {conislocal, Value::boolean(true)},
      {connoinherit, Value::boolean(definition.type != 'c' || definition.is_no_inherit)},
      {conkey, numbers_or_null(columns)},
  };
  const ObjectAddress self = constraint_address(constraint);
  if (is_foreign) {
    const RelationDesc foreign = current_relation(definition.foreign_table);
    std::vector<Oid> equalities;
    std::vector<Oid> foreign_equalities;
    std::vector<Oid> own_equalities;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const Oid own = relation.columns.at(columns[i] - 1).type.oid;
      const Oid other = foreign.columns.at(definition.foreign_columns.at(i) - 1).type.oid;
      equalities.push_back(equality_operator(snapshot_, other, own));
      foreign_equalities.push_back(equality_operator(snapshot_, other, other));
      own_equalities.push_back(equality_operator(snapshot_, own, own));
      add_dependency(connection_, self,
                     relation_address(foreign.oid, definition.foreign_columns[i]),
                     DependencyType::normal);
    }
    row.push_back({confkey, int2_array(definition.foreign_columns)});
    row.push_back({conpfeqop, oid_array(equalities)});
    row.push_back({conppeqop, oid_array(foreign_equalities)});
    row.push_back({conffeqop, oid_array(own_equalities)});
    add_dependency(connection_, self, relation_address(definition.index), DependencyType::normal);
    for (const Oid touched : {table, definition.foreign_table}) {
      update_rows(connection_, pg_class::table, {{pg_class::oid, oid_value(touched)}},
                  {{pg_class::relhastriggers, Value::boolean(true)}});
    }
  }
  if (definition.check != nullptr) {
    row.push_back({conbin, text_value(stored_text(*definition.check, &relation))});
    const std::int64_t checks =
        row_of(connection_, pg_class::table, table).integer(pg_class::relchecks);
    update_rows(connection_, pg_class::table, {{pg_class::oid, oid_value(table)}},
                {{pg_class::relchecks, Value::integer(checks + 1)}});
  }
  insert_row(connection_, pg_constraint::table, row);

  for (const std::int16_t number : columns) references.insert(relation_address(table, number));
  if (references.empty()) references.insert(relation_address(table));
  add_dependencies(connection_, self, references, table);
  if (definition.index != 0 && !is_foreign) {
    // The index now belongs to the constraint alone.
    remove_dependencies(connection_, relation_address(definition.index));
    add_dependency(connection_, relation_address(definition.index), self, DependencyType::internal);
    if (definition.is_deferrable) {
      update_rows(connection_, pg_index::table,
                  {{pg_index::indexrelid, oid_value(definition.index)}},
                  {{pg_index::indimmediate, Value::boolean(false)}});
    }
  }
  changed();
  return constraint;
}

void Writer::set_constraint_validated(Oid constraint) {
  update_rows(connection_, pg_constraint::table, {{pg_constraint::oid, oid_value(constraint)}},
              {{pg_constraint::convalidated, Value::boolean(true)}});
  changed();
}

}  // namespace dvecdb::server::catalog
