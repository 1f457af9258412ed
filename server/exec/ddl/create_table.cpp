// CREATE TABLE.
#include <fmt/format.h>

#include <algorithm>

#include "server/exec/ddl/table_definition.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using query::ColumnDesc;
using query::RelationDesc;
using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

constexpr std::size_t max_columns = 1600;  // PostgreSQL's MaxHeapAttributeNumber

// Bits of TableLikeClause.options.
constexpr std::uint32_t like_constraints = 1u << 2;
constexpr std::uint32_t like_defaults = 1u << 3;
constexpr std::uint32_t like_generated = 1u << 4;
constexpr std::uint32_t like_identity = 1u << 5;
constexpr std::uint32_t like_indexes = 1u << 6;

void refuse_unsupported(const PgQuery__CreateStmt& statement) {
  if (statement.partspec != nullptr || statement.partbound != nullptr) {
    throw SqlError(sqlstate::feature_not_supported, "PARTITION BY is not supported");
  }
  if (statement.n_inh_relations > 0) {
    throw SqlError(sqlstate::feature_not_supported, "INHERITS is not supported");
  }
  if (statement.of_typename != nullptr) {
    throw SqlError(sqlstate::feature_not_supported, "CREATE TABLE OF is not supported");
  }
  const std::string_view method = raw::view(statement.access_method);
  if (!method.empty() && method != "heap") {
    throw SqlError(sqlstate::undefined_object,
                   fmt::format("access method \"{}\" does not exist", method));
  }
}

class TableCreation {
 public:
  TableCreation(Ddl& ddl, const PgQuery__CreateStmt& statement)
      : ddl_(ddl), statement_(statement), name_(name_of(*statement.relation)) {}

  // Answers the new table.
  Oid run() {
    const std::string persistence(raw::view(statement_.relation->relpersistence));
    table_.persistence = persistence.empty() ? 'p' : persistence[0];
    const query::SchemaDesc& schema = creation_schema(ddl_, name_, table_.persistence == 't');
    table_.name = name_.name;
    table_.schema = schema.oid;
    table_.owner = ddl_.owner();
    if (schema.name == ddl_.context().temp_schema()) table_.persistence = 't';
    schema_ = &schema;
    read_elements();
    check_columns();
    prefer_not_null_keys();
    make_sequences(ddl_, table_.name, schema, table_.persistence, columns_);
    const RelationDesc draft = draft_relation(table_.name, schema_->name, columns_);
    analyze_defaults(ddl_, columns_, draft);
    for (ColumnSource& column : columns_) table_.columns.push_back(column.definition);
    table_.options = parse_rel_options(raw::list(statement_.n_options, statement_.options));
    const Oid table = ddl_.writer().create_table(table_);
    ddl_.changed();
    tie_sequences(ddl_, table, columns_, 1);
    ddl_.changed();
    add_constraints(table);
    for (const PgQuery__TableLikeClause* like : likes_) copy_like_extras(table, *like);
    return table;
  }

 private:
  void read_elements() {
    for (const raw::Node* node : raw::list(statement_.n_table_elts, statement_.table_elts)) {
      switch (node->node_case) {
        case PG_QUERY__NODE__NODE_COLUMN_DEF:
          columns_.push_back(read_column(ddl_, *node->column_def, table_.name, constraints_));
          break;
        case PG_QUERY__NODE__NODE_CONSTRAINT:
          constraints_.push_back({node->constraint, {}, false, false});
          break;
        case PG_QUERY__NODE__NODE_TABLE_LIKE_CLAUSE:
          read_like(*node->table_like_clause);
          break;
        default:
          break;
      }
    }
  }

  void read_like(const PgQuery__TableLikeClause& like) {
    const RelationDesc& source = find_relation(ddl_.call(), *like.relation);
    for (const ColumnDesc& column : source.columns) {
      if (column.is_dropped) continue;
      ColumnSource copy;
      copy.definition.name = column.name;
      copy.definition.type = column.type;
      copy.definition.collation = column.collation;
      copy.definition.not_null = column.not_null;
      const bool is_generated = column.generated != '\0';
      if (is_generated && (like.options & like_generated) != 0) {
        copy.definition.generated = column.generated;
        copy.default_text = column.default_text;
      } else if (!is_generated && (like.options & like_defaults) != 0) {
        copy.default_text = column.default_text;
      }
      if (column.identity != '\0' && (like.options & like_identity) != 0) {
        copy.definition.identity = column.identity;
        copy.sequence = sequence_definition({}, column.type.oid);
      }
      columns_.push_back(std::move(copy));
    }
    likes_.push_back(&like);
  }

  void check_columns() const {
    if (columns_.size() > max_columns) {
      throw SqlError(sqlstate::too_many_columns,
                     fmt::format("tables can have at most {} columns", max_columns));
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        if (columns_[i].definition.name != columns_[j].definition.name) continue;
        throw SqlError(
            sqlstate::duplicate_column,
            fmt::format("column \"{}\" specified more than once", columns_[i].definition.name));
      }
    }
    int primary_keys = 0;
    for (const ConstraintSource& constraint : constraints_) {
      if (constraint.node->contype != PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY) continue;
      if (++primary_keys < 2) continue;
      throw SqlError(
          sqlstate::invalid_table_definition,
          fmt::format("multiple primary keys for table \"{}\" are not allowed", table_.name))
          .at(position_of(ddl_.call(), constraint.node->location));
    }
  }

  // Columns of a PRIMARY KEY behind the columns are not null from the start.
  void prefer_not_null_keys() {
    for (const ConstraintSource& constraint : constraints_) {
      if (constraint.node->contype != PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY) continue;
      for (const raw::Node* key : raw::list(constraint.node->n_keys, constraint.node->keys)) {
        for (ColumnSource& column : columns_) {
          if (column.definition.name == raw::string_of(key)) column.definition.not_null = true;
        }
      }
    }
  }

  // Keys first: a foreign key may refer to the table's own.
  void add_constraints(Oid table) {
    const auto is_key = [](const ConstraintSource& c) {
      return c.node->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY ||
             c.node->contype == PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE;
    };
    std::stable_partition(constraints_.begin(), constraints_.end(), is_key);
    for (const ConstraintSource& constraint : constraints_) {
      add_constraint(ddl_, table, constraint, false);
    }
  }

  // LIKE ... INCLUDING CONSTRAINTS and INDEXES.
  void copy_like_extras(Oid table, const PgQuery__TableLikeClause& like) {
    const RelationDesc& source = find_relation(ddl_.call(), *like.relation);
    if ((like.options & like_constraints) != 0) copy_checks(table, source);
    if ((like.options & like_indexes) != 0) copy_indexes(ddl_, table, source);
  }

  void copy_checks(Oid table, const RelationDesc& source) {
    for (const query::ConstraintDesc* constraint : source.constraints) {
      if (constraint->type != 'c') continue;
      const query::ExprPtr check = query::analyze_expression(
          ddl_.analysis(), constraint->check_text, ddl_.catalog().find_relation(table), {16, -1});
      catalog::ConstraintDefinition copy;
      copy.name = constraint->name;
      copy.check = check.get();
      ddl_.writer().add_constraint(table, copy);
      ddl_.changed();
    }
  }

  Ddl& ddl_;
  const PgQuery__CreateStmt& statement_;
  QualifiedName name_;
  catalog::TableDefinition table_;
  const query::SchemaDesc* schema_ = nullptr;
  std::vector<ColumnSource> columns_;
  std::vector<ConstraintSource> constraints_;
  std::vector<const PgQuery__TableLikeClause*> likes_;
};

}  // namespace

bool skip_existing(Ddl& ddl, const QualifiedName& name, const query::SchemaDesc& schema,
                   bool if_not_exists) {
  if (ddl.catalog().find_relation(schema.name, name.name) == nullptr) return false;
  const std::string message = fmt::format("relation \"{}\" already exists", name.name);
  if (!if_not_exists) throw SqlError(sqlstate::duplicate_table, message);
  ddl.context().notice("NOTICE", sqlstate::duplicate_table, message + ", skipping");
  return true;
}

void remember_on_commit(SessionContext& context, Oid table, bool is_temporary,
                        PgQuery__OnCommitAction action) {
  if (action <= PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_NOOP) return;
  if (!is_temporary) {
    throw SqlError(sqlstate::invalid_table_definition,
                   "ON COMMIT can only be used on temporary tables");
  }
  if (action == PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_PRESERVE_ROWS) return;
  const bool is_dropped = action == PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_DROP;
  context.on_commit_tables[table] = is_dropped;
  context.transaction.on_write_commit = [&context] { follow_on_commit(context); };
  context.transaction.at_end([&context, table, is_dropped](bool committed) {
    if (is_dropped || !committed) context.on_commit_tables.erase(table);
  });
}

StatementResult run_create_table(UtilityCall& call) {
  const PgQuery__CreateStmt& statement = *call.node->create_stmt;
  refuse_unsupported(statement);
  Ddl ddl(call, "CREATE TABLE");
  const bool is_temporary = raw::view(statement.relation->relpersistence) == "t";
  const QualifiedName name = name_of(*statement.relation);
  if (!skip_existing(ddl, name, creation_schema(ddl, name, is_temporary),
                     statement.if_not_exists != 0)) {
    remember_on_commit(call.context, TableCreation(ddl, statement).run(), is_temporary,
                       statement.oncommit);
  }
  return tag_result("CREATE TABLE");
}

}  // namespace dvecdb::server::exec
