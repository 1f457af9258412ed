// Column definitions: types, serial and identity, defaults, constraints behind a column.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "server/exec/ddl/table_definition.h"
#include "server/query/deparse.h"
#include "server/query/parse.h"
#include "server/query/walk.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::exec {

using query::ColumnDesc;
using query::RelationDesc;
using types::SqlError;
namespace oids = types::oids;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

struct SerialName {
  std::string_view name;
  Oid type;
};
constexpr std::array<SerialName, 6> serial_names = {{{"serial", oids::int4},
                                                     {"serial4", oids::int4},
                                                     {"bigserial", oids::int8},
                                                     {"serial8", oids::int8},
                                                     {"smallserial", oids::int2},
                                                     {"serial2", oids::int2}}};

Oid serial_type(const PgQuery__TypeName& type) {
  if (type.n_names != 1 || type.n_array_bounds > 0) return types::invalid_oid;
  const std::string_view name = raw::string_of(type.names[0]);
  for (const SerialName& serial : serial_names) {
    if (serial.name == name) return serial.type;
  }
  return types::invalid_oid;
}

Oid find_collation(Ddl& ddl, const PgQuery__CollateClause* clause) {
  if (clause == nullptr) return types::invalid_oid;
  const QualifiedName name = name_of(raw::list(clause->n_collname, clause->collname));
  const Oid collation = ddl.catalog().find_collation(name.name);
  if (collation != types::invalid_oid) return collation;
  throw SqlError(sqlstate::undefined_object,
                 fmt::format("collation \"{}\" for encoding \"UTF8\" does not exist", name.name));
}

class ColumnReader {
 public:
  ColumnReader(Ddl& ddl, const PgQuery__ColumnDef& node, std::string_view table,
               std::vector<ConstraintSource>& constraints)
      : ddl_(ddl), node_(node), table_(table), constraints_(constraints) {}

  ColumnSource read() {
    source_.definition.name = node_.colname;
    read_type();
    for (const raw::Node* item : raw::list(node_.n_constraints, node_.constraints)) {
      read_constraint(*item->constraint);
    }
    if (saw_null_ && source_.definition.not_null) throw conflicting_null();
    return std::move(source_);
  }

 private:
  void read_type() {
    const PgQuery__TypeName& type = *node_.type_name;
    const Oid serial = serial_type(type);
    if (serial == types::invalid_oid) {
      source_.definition.type = query::resolve_type_name(ddl_.analysis(), &type);
      source_.definition.collation = find_collation(ddl_, node_.coll_clause);
      source_.definition.array_dimensions = static_cast<int>(type.n_array_bounds);
      check_type();
      return;
    }
    source_.definition.type = {serial, -1};
    source_.definition.not_null = true;
    source_.is_serial = true;
    source_.sequence = sequence_definition({}, serial);
    has_default_ = true;
  }

  void check_type() {
    const types::TypeDesc* desc = ddl_.catalog().find_type(source_.definition.type.oid);
    if (desc == nullptr || desc->kind != types::TypeKind::pseudo) return;
    throw SqlError(sqlstate::invalid_table_definition,
                   fmt::format("column \"{}\" has pseudo-type {}", source_.definition.name,
                               query::format_type(ddl_.catalog(), source_.definition.type)));
  }

  void read_constraint(const PgQuery__Constraint& constraint) {
    switch (constraint.contype) {
      case PG_QUERY__CONSTR_TYPE__CONSTR_NULL:
        saw_null_ = true;
        if (source_.definition.not_null)
          null_position_ = position_of(ddl_.call(), constraint.location);
        return;
      case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
        source_.definition.not_null = true;
        if (saw_null_) null_position_ = position_of(ddl_.call(), constraint.location);
        return;
      case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
        take_default(constraint.raw_expr, constraint.location);
        return;
      case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY:
        read_identity(constraint);
        return;
      case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED:
        take_default(constraint.raw_expr, constraint.location);
        source_.definition.generated = 's';
        return;
      case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
        source_.definition.not_null = true;
        constraints_.push_back({&constraint, source_.definition.name, false, false});
        return;
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRABLE:
        if (!constraints_.empty()) constraints_.back().is_deferrable = true;
        return;
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_DEFERRED:
        if (!constraints_.empty()) {
          constraints_.back().is_deferrable = true;
          constraints_.back().is_deferred = true;
        }
        return;
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_NOT_DEFERRABLE:
      case PG_QUERY__CONSTR_TYPE__CONSTR_ATTR_IMMEDIATE:
        return;
      default:
        constraints_.push_back({&constraint, source_.definition.name, false, false});
    }
  }

  void take_default(const raw::Node* expr, int location) {
    if (has_default_) {
      const bool is_identity = source_.definition.identity != '\0';
      throw SqlError(
          sqlstate::syntax_error,
          fmt::format("{} specified for column \"{}\" of table \"{}\"",
                      is_identity ? "both default and identity" : "multiple default values",
                      source_.definition.name, table_))
          .at(source_.is_serial ? 0 : position_of(ddl_.call(), location));
    }
    has_default_ = true;
    source_.default_node = expr;
  }

  void read_identity(const PgQuery__Constraint& constraint) {
    const Oid type = source_.definition.type.oid;
    if (type != oids::int2 && type != oids::int4 && type != oids::int8) {
      throw SqlError(sqlstate::invalid_parameter_value,
                     "identity column type must be smallint, integer, or bigint");
    }
    if (has_default_) {
      throw SqlError(sqlstate::syntax_error,
                     fmt::format("both default and identity specified for column \"{}\" of table "
                                 "\"{}\"",
                                 source_.definition.name, table_))
          .at(position_of(ddl_.call(), constraint.location));
    }
    has_default_ = true;
    source_.definition.identity = raw::view(constraint.generated_when) == "a" ? 'a' : 'd';
    source_.definition.not_null = true;
    source_.sequence =
        sequence_definition(raw::list(constraint.n_options, constraint.options), type);
  }

  SqlError conflicting_null() const {
    return SqlError(sqlstate::syntax_error,
                    fmt::format("conflicting NULL/NOT NULL declarations for column \"{}\" of "
                                "table \"{}\"",
                                source_.definition.name, table_))
        .at(null_position_);
  }

  Ddl& ddl_;
  const PgQuery__ColumnDef& node_;
  std::string_view table_;
  std::vector<ConstraintSource>& constraints_;
  ColumnSource source_;
  bool has_default_ = false;
  bool saw_null_ = false;
  int null_position_ = 0;
};

}  // namespace

ColumnSource read_column(Ddl& ddl, const PgQuery__ColumnDef& node, std::string_view table,
                         std::vector<ConstraintSource>& constraints) {
  return ColumnReader(ddl, node, table, constraints).read();
}

void make_sequences(Ddl& ddl, std::string_view table, const query::SchemaDesc& schema,
                    char persistence, std::vector<ColumnSource>& columns) {
  bool made = false;
  const Oid schema_oid = schema.oid;
  const std::string schema_name = schema.name;
  for (ColumnSource& column : columns) {
    if (!column.sequence) continue;
    catalog::SequenceDefinition& sequence = *column.sequence;
    sequence.name = ddl.writer().choose_name(table, column.definition.name, "seq", schema_oid);
    sequence.schema = schema_oid;
    sequence.owner = ddl.owner();
    sequence.persistence = persistence;
    column.sequence_oid = ddl.writer().create_sequence(sequence);
    if (column.is_serial) {
      const std::string qualified =
          query::quote_identifier(schema_name) + "." + query::quote_identifier(sequence.name);
      std::string quoted;
      for (const char c : qualified) quoted += c == '\'' ? std::string("''") : std::string(1, c);
      column.default_text = fmt::format("nextval('{}'::regclass)", quoted);
    }
    ddl.changed();
    made = true;
  }
  if (!made) return;
}

namespace {

void check_generation_columns(Ddl& ddl, const query::Expr& expr, const RelationDesc& draft) {
  query::visit_children(
      expr, [&](const query::Expr& child) { check_generation_columns(ddl, child, draft); });
  if (expr.kind != query::ExprKind::column) return;
  const auto& column = static_cast<const query::ColumnExpr&>(expr);
  const auto fail = [&](const std::string& message, std::string_view detail) {
    SqlError error(sqlstate::invalid_object_definition, message);
    if (expr.location >= 0) {
      error.at(query::character_position(ddl.analysis().statement_text, expr.location));
    }
    throw error.detail(std::string(detail));
  };
  if (column.column == 0) {
    fail("cannot use whole-row variable in column generation expression",
         "This would cause the generated column to depend on its own value.");
  }
  if (column.column < 0) return;
  const ColumnDesc& used = draft.columns.at(static_cast<std::size_t>(column.column - 1));
  if (used.generated == '\0') return;
  fail(fmt::format("cannot use generated column \"{}\" in column generation expression", used.name),
       "A generated column cannot reference another generated column.");
}

// A generated column is computed from plain columns of the row alone.
void check_generation(Ddl& ddl, const query::Expr& expr, const RelationDesc& draft) {
  if (query::volatility_of(ddl.catalog(), expr) != 'i') {
    throw SqlError(sqlstate::invalid_object_definition, "generation expression is not immutable");
  }
  check_generation_columns(ddl, expr, draft);
}

}  // namespace

void analyze_defaults(Ddl& ddl, std::vector<ColumnSource>& columns, const RelationDesc& draft) {
  for (ColumnSource& column : columns) {
    const RelationDesc* relation = column.definition.generated != '\0' ? &draft : nullptr;
    if (column.default_node != nullptr) {
      column.default_expr =
          query::analyze_node(ddl.analysis(), column.default_node, relation, column.definition.type,
                              query::ExpressionUse::generated_column);
    } else if (!column.default_text.empty()) {
      column.default_expr = query::analyze_expression(ddl.analysis(), column.default_text, relation,
                                                      column.definition.type);
    }
    if (relation != nullptr) check_generation(ddl, *column.default_expr, draft);
    column.definition.default_value = column.default_expr.get();
  }
}

RelationDesc draft_relation(std::string_view name, std::string_view schema,
                            const std::vector<ColumnSource>& columns) {
  RelationDesc draft;
  draft.name = name;
  draft.schema = schema;
  for (const ColumnSource& source : columns) {
    ColumnDesc column;
    column.number = static_cast<std::int16_t>(draft.columns.size() + 1);
    column.name = source.definition.name;
    column.type = source.definition.type;
    column.collation = source.definition.collation;
    column.not_null = source.definition.not_null;
    column.generated = source.definition.generated;
    column.store_name = fmt::format("c{}", column.number);
    draft.columns.push_back(std::move(column));
  }
  return draft;
}

void tie_sequences(Ddl& ddl, Oid table, const std::vector<ColumnSource>& columns,
                   std::int16_t first_number) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].sequence_oid == types::invalid_oid) continue;
    ddl.writer().set_sequence_owner(columns[i].sequence_oid, table,
                                    static_cast<std::int16_t>(first_number + static_cast<int>(i)),
                                    columns[i].definition.identity != '\0');
  }
}

}  // namespace dvecdb::server::exec
