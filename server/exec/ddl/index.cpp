// CREATE INDEX and REINDEX.
#include <fmt/format.h>

#include <algorithm>

#include "server/exec/ddl/ddl.h"
#include "server/exec/ddl/vector_index_actions.h"
#include "server/exec/privileges.h"
#include "server/exec/vector_index_definition.h"
#include "server/query/deparse.h"
#include "server/query/walk.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::exec {

using query::ColumnDesc;
using query::IndexDesc;
using query::OperatorClassDesc;
using query::RelationDesc;
using types::SqlError;
using types::TypeRef;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

// The method of a CREATE INDEX. Migrations of every tool make gin, gist, brin and spgist indexes:
// they are kept in the catalog, so that tools find what they made, and queries scan the table.
std::string index_method(const catalog::Snapshot& snapshot, std::string_view method) {
  if (method.empty()) return "btree";
  if (snapshot.find_access_method(method) != nullptr && method != "heap") {
    return std::string(method);
  }
  throw SqlError(sqlstate::undefined_object,
                 fmt::format("access method \"{}\" does not exist", method));
}

// What PostgreSQL's methods beside btree do not do.
struct MethodLimits {
  std::string_view method;
  bool has_included_columns, has_many_columns;
};
constexpr MethodLimits method_limits[] = {
    {"hnsw", false, false}, {"hash", false, false}, {"gin", false, true},
    {"gist", true, true},   {"brin", false, true},  {"spgist", true, false},
};

// A vector type has no default class for hnsw but the one that pgvector marks so.
const OperatorClassDesc* find_class(Ddl& ddl, std::string_view method, std::string_view name,
                                    Oid type) {
  const OperatorClassDesc* by_name = nullptr;
  for (const OperatorClassDesc* op_class : ddl.catalog().find_operator_classes(method)) {
    if (name.empty() && op_class->is_default && op_class->type == type) return op_class;
    if (!name.empty() && op_class->name == name) {
      if (by_name == nullptr || op_class->type == type) by_name = op_class;
    }
  }
  return by_name;
}

// Types that index by the class of another: varchar by text's, arrays by anyarray's.
Oid class_type(Ddl& ddl, Oid type) {
  const types::TypeDesc* desc = ddl.catalog().find_type(type);
  while (desc != nullptr && desc->kind == types::TypeKind::domain) {
    type = desc->base.oid;
    desc = ddl.catalog().find_type(type);
  }
  if (type == types::oids::varchar) return types::oids::text;
  if (desc == nullptr) return type;
  if (desc->kind == types::TypeKind::enumeration) return types::oids::anyenum;
  if (desc->kind == types::TypeKind::composite) return types::oids::record;
  if (desc->category == 'A' && type != types::oids::oidvector && type != types::oids::int2vector) {
    return types::oids::anyarray;
  }
  return type;
}

Oid key_class(Ddl& ddl, std::string_view method, const PgQuery__IndexElem& element, TypeRef type) {
  const QualifiedName name = name_of(raw::list(element.n_opclass, element.opclass));
  const Oid indexed = class_type(ddl, type.oid);
  const OperatorClassDesc* found = find_class(ddl, method, name.name, indexed);
  if (found == nullptr && name.name.empty()) {
    throw SqlError(
        sqlstate::undefined_object,
        fmt::format("data type {} has no default operator class for access method \"{}\"",
                    query::format_type(ddl.catalog(), {type.oid, -1}), method))
        .hint(
            "You must specify an operator class for the index or define a default operator "
            "class for the data type.");
  }
  if (found == nullptr) {
    throw SqlError(sqlstate::undefined_object,
                   fmt::format("operator class \"{}\" does not exist for access method \"{}\"",
                               name.name, method));
  }
  const bool is_text = indexed == types::oids::text || indexed == types::oids::bpchar;
  const bool takes_text = found->type == types::oids::text || found->type == types::oids::bpchar;
  if (found->type != indexed && !(is_text && takes_text)) {
    throw SqlError(sqlstate::datatype_mismatch,
                   fmt::format("operator class \"{}\" does not accept data type {}", name.name,
                               query::format_type(ddl.catalog(), {type.oid, -1})));
  }
  return found->oid;
}

class IndexCreation {
 public:
  IndexCreation(Ddl& ddl, const PgQuery__IndexStmt& statement, const RelationDesc& table)
      : ddl_(ddl), statement_(statement), table_(table) {}

  void run() {
    definition_.name = raw::view(statement_.idxname);
    definition_.table = table_.oid;
    definition_.method = index_method(ddl_.snapshot(), raw::view(statement_.access_method));
    definition_.is_unique = statement_.unique != 0;
    definition_.nulls_not_distinct = statement_.nulls_not_distinct != 0;
    definition_.options = parse_rel_options(raw::list(statement_.n_options, statement_.options));
    check_method();
    for (const raw::Node* node : raw::list(statement_.n_index_params, statement_.index_params)) {
      add_key(*node->index_elem);
    }
    for (const raw::Node* node :
         raw::list(statement_.n_index_including_params, statement_.index_including_params)) {
      const std::string_view name = raw::view(node->index_elem->name);
      definition_.included.push_back(column(name).number);
    }
    if (statement_.where_clause != nullptr) {
      predicate_ =
          query::analyze_node(ddl_.analysis(), statement_.where_clause, &table_,
                              {types::oids::boolean, -1}, query::ExpressionUse::index_predicate);
      definition_.predicate = predicate_.get();
      require_immutable(*predicate_, "predicate");
    }
    if (definition_.method != "hnsw") {
      create_unique_index(ddl_, definition_);
      ddl_.changed();
      return;
    }
    check_vector_index_options(definition_.options);
    const Oid index = ddl_.writer().create_index(definition_);
    ddl_.changed();
    build_vector_index(ddl_, index);
  }

 private:
  void check_method() const {
    const auto refuse = [&](std::string_view what) -> SqlError {
      return SqlError(
          sqlstate::feature_not_supported,
          fmt::format("access method \"{}\" does not support {}", definition_.method, what));
    };
    for (const MethodLimits& limits : method_limits) {
      if (limits.method != definition_.method) continue;
      if (definition_.is_unique) throw refuse("unique indexes");
      if (!limits.has_included_columns && statement_.n_index_including_params > 0) {
        throw refuse("included columns");
      }
      if (!limits.has_many_columns && statement_.n_index_params > 1) {
        throw refuse("multicolumn indexes");
      }
    }
  }

  const ColumnDesc& column(std::string_view name) const {
    if (const ColumnDesc* found = find_column(table_, name)) return *found;
    throw SqlError(sqlstate::undefined_column, fmt::format("column \"{}\" does not exist", name));
  }

  void add_key(const PgQuery__IndexElem& element) {
    catalog::IndexKeyDefinition key;
    TypeRef type;
    if (element.expr == nullptr) {
      const ColumnDesc& found = column(raw::view(element.name));
      key.column = found.number;
      type = found.type;
      key.collation = found.collation;
    } else {
      expressions_.push_back(query::analyze_node(ddl_.analysis(), element.expr, &table_, TypeRef{},
                                                 query::ExpressionUse::index_key));
      key.expression = expressions_.back().get();
      require_immutable(*key.expression, "expression");
      type = key.expression->type;
      key.collation = key.expression->collation;
    }
    if (element.n_collation > 0) {
      const QualifiedName name = name_of(raw::list(element.n_collation, element.collation));
      key.collation = ddl_.catalog().find_collation(name.name);
    }
    key.operator_class = key_class(ddl_, definition_.method, element, type);
    if (definition_.method != "btree") check_ordering(element);
    if (definition_.method == "hnsw") check_vector_index_type(ddl_.catalog(), type);
    key.descending = element.ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
    key.nulls_first =
        element.nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
        (element.nulls_ordering != PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST && key.descending);
    definition_.keys.push_back(key);
  }

  void require_immutable(const query::Expr& expr, std::string_view what) const {
    if (query::volatility_of(ddl_.catalog(), expr) == 'i') return;
    throw SqlError(sqlstate::invalid_object_definition,
                   fmt::format("functions in index {} must be marked IMMUTABLE", what));
  }

  void check_ordering(const PgQuery__IndexElem& element) const {
    const auto refuse = [&](std::string_view what) {
      throw SqlError(sqlstate::feature_not_supported,
                     fmt::format("access method \"{}\" does not support {} options",
                                 definition_.method, what));
    };
    if (element.ordering > PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT) refuse("ASC/DESC");
    if (element.nulls_ordering > PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT) {
      refuse("NULLS FIRST/LAST");
    }
  }

  Ddl& ddl_;
  const PgQuery__IndexStmt& statement_;
  const RelationDesc& table_;
  catalog::IndexDefinition definition_;
  std::vector<query::ExprPtr> expressions_;
  query::ExprPtr predicate_;
};

void rebuild(Ddl& ddl, const IndexDesc& index) {
  if (is_vector_index(index)) {
    drop_vector_index(ddl, index);
    build_vector_index(ddl, index.oid);
    return;
  }
  ddl.writer().rebuild_index(index);
}

void rebuild_all(Ddl& ddl, const RelationDesc& table) {
  for (const IndexDesc* index : table.indexes) rebuild(ddl, *index);
}

}  // namespace

Oid create_unique_index(Ddl& ddl, const catalog::IndexDefinition& index) {
  try {
    return ddl.writer().create_index(index);
  } catch (const storage::ConstraintError&) {
    const RelationDesc* table = ddl.catalog().find_relation(index.table);
    std::string columns;
    std::string outputs;
    std::vector<TypeRef> types;
    for (const catalog::IndexKeyDefinition& key : index.keys) {
      const std::string separator = columns.empty() ? "" : ", ";
      if (key.column != 0) {
        const ColumnDesc& column = table->columns[static_cast<std::size_t>(key.column - 1)];
        columns += separator + column.name;
        outputs += separator + column.store_name;
        types.push_back(column.type);
      } else {
        columns += separator + query::deparse_expression(ddl.catalog(), *key.expression, table);
        outputs += separator + query::lower_expression(ddl.analysis(), *key.expression, table, "");
        types.push_back(key.expression->type);
      }
    }
    std::string values;
    storage::Statement duplicate = ddl.connection().prepare(
        fmt::format("SELECT {0} FROM {1} GROUP BY {0} HAVING count(*) > 1 LIMIT 1", outputs,
                    table->store_name));
    if (duplicate.step()) {
      for (std::size_t i = 0; i < types.size(); ++i) {
        if (i > 0) values += ", ";
        types::output_text(ddl.context().io(), types[i], duplicate.column(static_cast<int>(i)),
                           values);
      }
    }
    const std::string name = index.name.empty() ? ddl.writer().choose_name(table->name, columns,
                                                                           "key", table->schema_oid)
                                                : index.name;
    throw SqlError(sqlstate::unique_violation,
                   fmt::format("could not create unique index \"{}\"", name))
        .detail(fmt::format("Key ({})=({}) is duplicated.", columns, values))
        .schema(table->schema)
        .table(table->name)
        .constraint(name);
  }
}

void copy_indexes(Ddl& ddl, Oid table_oid, const RelationDesc& source) {
  for (const IndexDesc* index : source.indexes) {
    const RelationDesc& table = *ddl.catalog().find_relation(table_oid);
    std::vector<query::ExprPtr> expressions;
    catalog::IndexDefinition copy;
    copy.table = table_oid;
    copy.method = index->method;
    copy.is_unique = index->is_unique;
    copy.is_primary = index->is_primary;
    copy.options = index->options;
    const auto number_in_copy = [&](std::int16_t number) {
      return get_column(table, source.columns[static_cast<std::size_t>(number - 1)].name).number;
    };
    for (const IndexDesc::Key& key : index->keys) {
      catalog::IndexKeyDefinition made;
      made.operator_class = key.operator_class;
      made.descending = key.descending;
      made.nulls_first = key.nulls_first;
      if (key.column != 0) {
        made.column = number_in_copy(key.column);
      } else {
        expressions.push_back(
            query::analyze_expression(ddl.analysis(), key.expression_text, &table, TypeRef{}));
        made.expression = expressions.back().get();
      }
      copy.keys.push_back(made);
    }
    if (!index->predicate_text.empty()) {
      expressions.push_back(query::analyze_expression(ddl.analysis(), index->predicate_text, &table,
                                                      {types::oids::boolean, -1}));
      copy.predicate = expressions.back().get();
    }
    const Oid oid = ddl.writer().create_index(copy);
    ddl.changed();
    if (is_vector_index(*index)) build_vector_index(ddl, oid);
    const bool is_constraint = std::any_of(
        source.constraints.begin(), source.constraints.end(), [&](const query::ConstraintDesc* c) {
          return c->index == index->oid && (c->type == 'p' || c->type == 'u');
        });
    if (!is_constraint) continue;
    catalog::ConstraintDefinition constraint;
    constraint.type = index->is_primary ? 'p' : 'u';
    constraint.index = oid;
    constraint.name = ddl.catalog().find_index(oid)->name;
    for (const catalog::IndexKeyDefinition& key : copy.keys) {
      constraint.columns.push_back(key.column);
    }
    ddl.writer().add_constraint(table_oid, constraint);
    ddl.changed();
  }
}

StatementResult run_create_index(UtilityCall& call) {
  const PgQuery__IndexStmt& statement = *call.node->index_stmt;
  if (statement.concurrent != 0) refuse_in_block(call.context, "CREATE INDEX CONCURRENTLY");
  Ddl ddl(call, "CREATE INDEX");
  const RelationDesc& table = find_relation(call, *statement.relation);
  if (table.kind != 'r') {
    throw SqlError(sqlstate::wrong_object_type,
                   fmt::format("cannot create index on relation \"{}\"", table.name))
        .detail(fmt::format("This operation is not supported for {}s.",
                            relation_kind_name(table.kind)));
  }
  require_owner(call.context, table.owner, "table", table.name);
  const std::string name(raw::view(statement.idxname));
  if (!name.empty() &&
      skip_existing(ddl, {table.schema, name}, *ddl.catalog().find_schema(table.schema_oid),
                    statement.if_not_exists != 0)) {
    return tag_result("CREATE INDEX");
  }
  IndexCreation(ddl, statement, table).run();
  return tag_result("CREATE INDEX");
}

StatementResult run_reindex(UtilityCall& call) {
  const PgQuery__ReindexStmt& statement = *call.node->reindex_stmt;
  Ddl ddl(call, "REINDEX");
  switch (statement.kind) {
    case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_INDEX: {
      const RelationDesc& named = find_relation(call, *statement.relation);
      const IndexDesc* index = ddl.catalog().find_index(named.oid);
      if (index == nullptr) {
        throw SqlError(sqlstate::wrong_object_type,
                       fmt::format("\"{}\" is not an index", named.name));
      }
      require_owner(call.context, ddl.catalog().find_relation(index->table)->owner, "index",
                    named.name);
      rebuild(ddl, *index);
      break;
    }
    case PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_TABLE: {
      const RelationDesc& table = find_relation(call, *statement.relation);
      require_owner(call.context, table.owner, "table", table.name);
      rebuild_all(ddl, table);
      break;
    }
    default: {
      const std::string_view schema = raw::view(statement.name);
      const bool is_schema = statement.kind == PG_QUERY__REINDEX_OBJECT_TYPE__REINDEX_OBJECT_SCHEMA;
      for (const RelationDesc* relation : ddl.catalog().relations()) {
        const bool is_asked = !is_schema || relation->schema == schema;
        if (relation->kind != 'r' || relation->oid < catalog::first_user_oid || !is_asked) {
          continue;
        }
        rebuild_all(ddl, *relation);
      }
    }
  }
  ddl.changed();
  return tag_result("REINDEX");
}

}  // namespace dvecdb::server::exec
