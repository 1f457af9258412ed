// Columns and constraints as CREATE TABLE and ALTER TABLE spell them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/exec/ddl/ddl.h"

namespace dvecdb::server::exec {

// A constraint's node; `column` is set for one that stands behind a column.
struct ConstraintSource {
  const PgQuery__Constraint* node = nullptr;
  std::string column;
  bool is_deferrable = false;
  bool is_deferred = false;
};

// A column on its way into the catalog.
struct ColumnSource {
  catalog::ColumnDefinition definition;
  const query::raw::Node* default_node = nullptr;  // default or generation expression
  std::string default_text;                        // the same from a table that is copied (LIKE)
  query::ExprPtr default_expr;                     // once analyzed
  // serial and identity columns have a sequence.
  std::optional<catalog::SequenceDefinition> sequence;
  bool is_serial = false;
  Oid sequence_oid = types::invalid_oid;
};

// Reads a ColumnDef; the constraints that it carries go to `constraints`.
ColumnSource read_column(Ddl& ddl, const PgQuery__ColumnDef& node, std::string_view table,
                         std::vector<ConstraintSource>& constraints);
// Makes the sequences of serial and identity columns; ddl.changed() when there are any.
void make_sequences(Ddl& ddl, std::string_view table, const query::SchemaDesc& schema,
                    char persistence, std::vector<ColumnSource>& columns);
// Analyzes defaults and generation expressions against `draft`.
void analyze_defaults(Ddl& ddl, std::vector<ColumnSource>& columns,
                      const query::RelationDesc& draft);
// A relation as it will be, to analyze expressions against.
query::RelationDesc draft_relation(std::string_view name, std::string_view schema,
                                   const std::vector<ColumnSource>& columns);
void tie_sequences(Ddl& ddl, Oid table, const std::vector<ColumnSource>& columns,
                   std::int16_t first_number);

// Adds a constraint to a table that is there. `checks_rows`: existing rows must satisfy it.
void add_constraint(Ddl& ddl, Oid table, const ConstraintSource& source, bool checks_rows);

// table_constraints.cpp: the parts of a foreign key.
struct ForeignKeyTarget {
  Oid table = types::invalid_oid;
  Oid index = types::invalid_oid;
  std::vector<std::int16_t> columns;
};
ForeignKeyTarget find_foreign_key_target(Ddl& ddl, const PgQuery__Constraint& node,
                                         const query::RelationDesc& table,
                                         const std::vector<std::int16_t>& columns);

// sequence.cpp
catalog::SequenceDefinition sequence_definition(query::raw::NodeList options, Oid type);
void alter_sequence(Ddl& ddl, Oid sequence, query::raw::NodeList options);

}  // namespace dvecdb::server::exec
