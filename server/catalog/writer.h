// What DDL statements do to the catalog: every function writes the rows that PostgreSQL would
// write, and the row store's tables and indexes that belong to them.
//
// A Writer lives for one statement inside a write transaction of `connection`. `snapshot` is what
// that transaction saw before the statement; objects that the Writer makes are not in it: load a
// new one (Loader) before the next statement, or before analyzing against what was made.
// Every change gives the catalog a new version. All functions throw SqlError with PostgreSQL's
// message; the caller rolls back to its savepoint then.
//
// Expressions and queries come analyzed against `snapshot` (or a RelationDesc made up for a table
// that does not exist yet) and are kept as text. Privileges are the caller's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/catalog/object_address.h"
#include "server/catalog/snapshot.h"
#include "server/query/analyze.h"
#include "server/query/tree.h"
#include "server/storage/connection.h"

namespace dvecdb::server::catalog {

struct ColumnDefinition {
  std::string name;
  TypeRef type;
  Oid collation = types::invalid_oid;  // 0: the type's
  bool not_null = false;
  char identity = '\0';
  char generated = '\0';
  const query::Expr* default_value = nullptr;  // default, or generation expression
  int array_dimensions = 0;                    // as declared: integer[][] has 2
};

using Options = std::vector<std::pair<std::string, std::string>>;

struct TableDefinition {
  std::string name;
  Oid schema = types::invalid_oid;
  Oid owner = types::invalid_oid;
  char persistence = 'p';
  std::vector<ColumnDefinition> columns;
  Options options;
};

struct ViewDefinition {
  std::string name;
  Oid schema = types::invalid_oid;
  Oid owner = types::invalid_oid;
  char persistence = 'p';
  std::vector<ColumnDefinition> columns;  // names and types of the query's columns
  query::Query* query = nullptr;          // not changed, but walked
  Options options;                        // security_barrier, check_option ...
  // CREATE OR REPLACE: the view that is there; its columns must stay (42P16 otherwise).
  const RelationDesc* replaced = nullptr;
};

struct IndexKeyDefinition {
  std::int16_t column = 0;                  // 0: an expression
  const query::Expr* expression = nullptr;  // over the table's columns
  Oid operator_class = types::invalid_oid;
  Oid collation = types::invalid_oid;
  bool descending = false;
  bool nulls_first = false;
};

struct IndexDefinition {
  std::string name;  // "": chosen as PostgreSQL does
  Oid table = types::invalid_oid;
  std::string method = "btree";
  bool is_unique = false;
  bool is_primary = false;
  bool is_constraint = false;  // of PRIMARY KEY or UNIQUE: named "_key", not "_idx"
  bool nulls_not_distinct = false;
  std::vector<IndexKeyDefinition> keys;
  std::vector<std::int16_t> included;
  const query::Expr* predicate = nullptr;
  Options options;
};

struct ConstraintDefinition {
  std::string name;  // "": chosen as PostgreSQL does
  char type = 'c';   // c, f, p, u
  std::vector<std::int16_t> columns;
  const query::Expr* check = nullptr;
  Oid index = types::invalid_oid;  // p, u: made before by create_index; f: the referenced index
  Oid foreign_table = types::invalid_oid;
  std::vector<std::int16_t> foreign_columns;
  char on_update = 'a';
  char on_delete = 'a';
  char match = 's';  // s simple, f full
  bool is_deferrable = false;
  bool is_deferred = false;
  bool is_validated = true;
  bool is_no_inherit = false;
};

struct SequenceDefinition {
  std::string name;
  Oid schema = types::invalid_oid;
  Oid owner = types::invalid_oid;
  char persistence = 'p';
  Oid type = 20;  // int2, int4, int8
  std::int64_t start = 1;
  std::int64_t increment = 1;
  std::int64_t minimum = 1;
  std::int64_t maximum = INT64_MAX;
  std::int64_t cache = 1;
  bool cycles = false;
};

struct DomainDefinition {
  std::string name;
  Oid schema = types::invalid_oid;
  Oid owner = types::invalid_oid;
  TypeRef base;
  Oid collation = types::invalid_oid;
  bool not_null = false;
  const query::Expr* default_value = nullptr;
  struct Check {
    std::string name;  // "": chosen
    std::string text;  // SQL text in which VALUE stands for the value
  };
  std::vector<Check> checks;
};

struct DatabaseDefinition {
  std::string name;
  Oid owner = types::invalid_oid;
  bool is_template = false;
  bool allows_connections = true;
  int connection_limit = -1;
};

// What DROP did, for the caller to follow up.
struct DropResult {
  // Every dropped object, dependents too, as they were described in `snapshot`.
  std::vector<ObjectAddress> objects;
  // CASCADE: "table x", "view y": what else than the asked for objects went.
  std::vector<std::string> cascaded;
};

class Writer {
 public:
  Writer(storage::Connection& connection, const Snapshot& snapshot,
         const query::AnalyzeContext& context);

  // ---- schemas, tables, views
  Oid create_schema(std::string_view name, Oid owner);
  // Columns, defaults, row type, array type and the row store's table; no constraints, no indexes.
  Oid create_table(const TableDefinition& table);
  Oid create_view(const ViewDefinition& view);
  // The caller fills existing rows (the new column reads NULL until then).
  std::int16_t add_column(Oid table, const ColumnDefinition& column);
  void set_default(Oid table, std::int16_t column, const query::Expr* value);  // null drops it
  void set_not_null(Oid table, std::int16_t column, bool not_null);
  void set_identity(Oid table, std::int16_t column, char identity);
  void drop_generation(Oid table, std::int16_t column);
  // The caller converts the rows and makes the column's indexes again (rebuild_index).
  void set_column_type(Oid table, std::int16_t column, TypeRef type, Oid collation);
  void set_storage_options(Oid relation, const Options& options);  // replaces reloptions
  void set_persistence(Oid relation, char persistence);
  void set_statistics(Oid relation, double rows, std::int64_t pages);  // ANALYZE, TRUNCATE

  // ---- constraints, indexes
  Oid create_index(const IndexDefinition& index);
  // Drops and makes the row store's index of an index again (after a change of type).
  void rebuild_index(const IndexDesc& index);
  Oid add_constraint(Oid table, const ConstraintDefinition& constraint);
  void set_constraint_validated(Oid constraint);

  // ---- sequences
  Oid create_sequence(const SequenceDefinition& sequence);
  void alter_sequence(Oid sequence, const SequenceDefinition& definition);
  // The column's owner: is_identity ties it so that it cannot be dropped alone. table 0: OWNED BY
  // NONE.
  void set_sequence_owner(Oid sequence, Oid table, std::int16_t column, bool is_identity);

  // ---- types
  Oid create_enum(std::string_view name, Oid schema, Oid owner,
                  const std::vector<std::string>& labels);
  void add_enum_label(Oid type, std::string_view label);
  void rename_enum_label(Oid type, std::string_view from, std::string_view to);
  Oid create_composite(const TableDefinition& type);
  Oid create_domain(const DomainDefinition& domain);
  Oid add_domain_check(Oid domain, const DomainDefinition::Check& check);
  void set_domain_not_null(Oid domain, bool not_null);
  void set_domain_default(Oid domain, const query::Expr* value);

  // ---- any object
  // Drops the objects and what depends on them. Without `cascade` a dependent that is not
  // part of the object is 2BP01 with detail and hint.
  DropResult drop(const std::vector<ObjectAddress>& objects, bool cascade);
  void rename(const ObjectAddress& object, std::string_view name);
  void set_schema(const ObjectAddress& object, Oid schema);
  void set_owner(const ObjectAddress& object, Oid owner);
  void set_comment(const ObjectAddress& object, const std::optional<std::string>& comment);
  // aclitems in text form ("alice=r/postgres"); nullopt: the built-in defaults again.
  void set_acl(const ObjectAddress& object, const std::optional<std::vector<std::string>>& acl);
  void set_default_acl(Oid role, Oid schema, char kind, const std::vector<std::string>& acl);

  // ---- extensions
  // One of known_extensions that is not there yet; a name that is none of them is 0A000.
  Oid create_extension(std::string_view name, Oid owner);

  // ---- shared objects: `connection` must be one on which the shared file may be written
  Oid create_role(const RoleDesc& role);
  void alter_role(Oid role, const RoleDesc& changed);  // all but oid, name and memberships
  void drop_role(Oid role);
  void grant_role(Oid role, Oid member, Oid grantor, bool with_admin);
  void revoke_role(Oid role, Oid member);
  // One row of pg_db_role_setting; no assignments remove it.
  void set_role_settings(const RoleSetting& setting);
  Oid create_database(const DatabaseDefinition& database);
  void alter_database(Oid database, const DatabaseDefinition& changed);
  void drop_database(Oid database);

  // Names as PostgreSQL makes them up: "items_title_key", with a number when it is taken.
  std::string choose_name(std::string_view table, std::string_view column, std::string_view label,
                          Oid schema);

 private:
  std::string stored_text(const query::Expr& expr, const RelationDesc* relation) const;
  // A relation as the transaction has it now: columns alone.
  RelationDesc current_relation(Oid relation) const;
  void changed();  // a new version
  void write_columns(Oid relation, const std::vector<ColumnDefinition>& columns);
  void write_default(const RelationDesc& relation, std::int16_t column, const query::Expr& value,
                     bool is_generated);
  void rename_column(const ObjectAddress& column, const std::string& name);
  void replace_view(const ViewDefinition& view);
  void write_view_rule(Oid view, query::Query& query);
  void create_store_index(const RelationDesc& table, Oid index, const IndexDefinition& definition);
  // The store's SQL of an index key: its value, what COLLATE follows, both with the direction.
  std::string store_value(const RelationDesc& table, const IndexKeyDefinition& key,
                          TypeRef type) const;
  std::string store_collation(TypeRef type) const;
  std::string store_key(const RelationDesc& table, const IndexKeyDefinition& key,
                        TypeRef type) const;

  storage::Connection& connection_;
  const Snapshot& snapshot_;
  const query::AnalyzeContext& context_;
};

}  // namespace dvecdb::server::catalog
