// What the front end must know of the database. The catalog room implements it as an immutable
// snapshot: safe to read from any thread; pointers live as long as the snapshot.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/types/type_catalog.h"
#include "server/types/value.h"

namespace dvecdb::server::query {

using types::Oid;
using types::TypeDesc;
using types::TypeRef;

struct SchemaDesc {
  Oid oid = types::invalid_oid;
  std::string name;
  Oid owner = types::invalid_oid;
};

// pg_attribute.attgenerated / attidentity use PostgreSQL's letters; '\0' for none.
struct ColumnDesc {
  std::int16_t number = 0;  // attnum; system columns are not listed (see SystemColumn)
  std::string name;
  TypeRef type;
  Oid collation = types::invalid_oid;
  bool not_null = false;
  bool is_dropped = false;
  char identity = '\0';                        // 'a' always, 'd' by default
  Oid identity_sequence = types::invalid_oid;  // of an identity column
  char generated = '\0';                       // 's' stored
  std::string default_text;  // SQL text of the default or generation expression; "" for none
  std::string store_name;    // the column's name in the row store
};

// System columns of every table and how they are answered.
enum SystemColumn : std::int16_t {
  ctid_column = -1,  // (0,rowid)
  xmin_column = -2,
  cmin_column = -3,
  xmax_column = -4,
  cmax_column = -5,
  tableoid_column = -6,
};

// Whether the row store keeps an index of the method. hnsw has files of its own; the others are
// names in the catalog.
inline bool has_store_index(std::string_view method) {
  return method == "btree" || method == "hash";
}

struct IndexDesc {
  Oid oid = types::invalid_oid;
  std::string name;
  Oid table = types::invalid_oid;
  std::string method;  // "btree", "hnsw", "gin" ...
  bool is_unique = false;
  bool is_primary = false;
  bool nulls_not_distinct = false;
  bool is_valid = true;
  struct Key {
    std::int16_t column = 0;      // attnum, 0 for an expression
    std::string expression_text;  // SQL text of the expression
    Oid operator_class = types::invalid_oid;
    bool descending = false;
    bool nulls_first = false;
    TypeRef type;
  };
  std::vector<Key> keys;
  std::vector<std::int16_t> included;
  std::string predicate_text;                                // partial index
  std::vector<std::pair<std::string, std::string>> options;  // reloptions: m, ef_construction
  std::string store_name;  // the index's name in the row store; "" for hnsw
};

struct ConstraintDesc {
  Oid oid = types::invalid_oid;
  std::string name;
  char type = 'c';  // pg_constraint.contype: c, f, p, u
  std::vector<std::int16_t> columns;
  std::string check_text;
  Oid index = types::invalid_oid;
  Oid foreign_table = types::invalid_oid;
  std::vector<std::int16_t> foreign_columns;
  char on_update = 'a';  // a no action, r restrict, c cascade, n set null, d set default
  char on_delete = 'a';
  bool is_deferrable = false;
  bool is_deferred = false;
};

struct RelationDesc {
  Oid oid = types::invalid_oid;
  std::string name;
  std::string schema;
  Oid schema_oid = types::invalid_oid;
  Oid owner = types::invalid_oid;
  Oid row_type = types::invalid_oid;
  char kind = 'r';         // pg_class.relkind: r, v, i, S, c
  char persistence = 'p';  // p, u, t
  std::string store_name;  // table name in the row store, qualified where needed; "" for a view
  std::vector<ColumnDesc> columns;  // by attnum, dropped ones included
  std::vector<const IndexDesc*> indexes;
  std::vector<const ConstraintDesc*> constraints;
  std::vector<const ConstraintDesc*> referencing;  // foreign keys of others that point here
  std::string view_text;                           // SELECT text of a view
  double estimated_rows = -1;
};

struct ProcDesc {
  Oid oid = types::invalid_oid;
  std::string name;
  std::string schema;
  Oid schema_oid = types::invalid_oid;
  std::string symbol;    // prosrc
  std::string language;  // "internal", "c", "sql"
  char kind = 'f';       // f function, a aggregate, w window, p procedure
  bool is_strict = false;
  bool returns_set = false;
  char volatility = 'v';  // i, s, v
  Oid result = types::invalid_oid;
  std::vector<Oid> arguments;               // input types
  std::vector<std::string> argument_names;  // of inputs, may be empty
  int default_count = 0;
  std::vector<std::string> default_texts;  // SQL texts of the last default_count arguments
  Oid variadic = types::invalid_oid;       // element type of the VARIADIC argument
  struct OutColumn {
    std::string name;
    Oid type = types::invalid_oid;
  };
  std::vector<OutColumn> out_columns;  // of functions with OUT or TABLE columns
  char aggregate_kind = 'n';           // n normal, o ordered-set, h hypothetical
  int aggregate_direct_arguments = 0;
};

struct OperatorDesc {
  Oid oid = types::invalid_oid;
  std::string name;
  std::string schema;
  Oid schema_oid = types::invalid_oid;
  char kind = 'b';  // b infix, l prefix
  Oid left = types::invalid_oid;
  Oid right = types::invalid_oid;
  Oid result = types::invalid_oid;
  Oid function = types::invalid_oid;
  Oid commutator = types::invalid_oid;
  Oid negator = types::invalid_oid;
};

struct CastDesc {
  Oid source = types::invalid_oid;
  Oid target = types::invalid_oid;
  Oid function = types::invalid_oid;  // 0 for binary-coercible and in/out casts
  char context = 'e';                 // i implicit, a assignment, e explicit
  char method = 'f';                  // f function, b binary-coercible, i input/output
};

struct OperatorClassDesc {
  Oid oid = types::invalid_oid;
  std::string name;
  std::string schema;
  std::string method;  // "btree", "hash", "hnsw"
  Oid type = types::invalid_oid;
  bool is_default = false;
  std::string order_operator;  // hnsw: "<->", "<#>", "<=>", "<+>", ...
};

class Catalog : public types::TypeCatalog {
 public:
  virtual std::uint64_t version() const = 0;

  // The schemas that exist in the session's search_path, in order (pg_catalog first unless it is
  // named). Deparsing prints the schema of what an unqualified name would not find along it; an
  // empty path prints every schema but pg_catalog's.
  virtual std::span<const std::string> search_path() const { return {}; }

  virtual const SchemaDesc* find_schema(std::string_view name) const = 0;
  virtual const SchemaDesc* find_schema(Oid oid) const = 0;
  virtual const RelationDesc* find_relation(std::string_view schema,
                                            std::string_view name) const = 0;
  virtual const RelationDesc* find_relation(Oid oid) const = 0;
  virtual const IndexDesc* find_index(Oid oid) const = 0;
  virtual const TypeDesc* find_type(std::string_view schema, std::string_view name) const = 0;
  using types::TypeCatalog::find_type;

  // Every schema's entries of that name, the caller filters by search path.
  virtual std::vector<const ProcDesc*> find_procs(std::string_view name) const = 0;
  virtual const ProcDesc* find_proc(Oid oid) const = 0;
  virtual std::vector<const OperatorDesc*> find_operators(std::string_view name) const = 0;
  virtual const OperatorDesc* find_operator(Oid oid) const = 0;
  virtual const CastDesc* find_cast(Oid source, Oid target) const = 0;
  virtual const OperatorClassDesc* find_operator_class(Oid oid) const = 0;
  virtual std::vector<const OperatorClassDesc*> find_operator_classes(
      std::string_view method) const = 0;
  virtual Oid find_collation(std::string_view name) const = 0;  // 0: none
  virtual std::string collation_name(Oid oid) const = 0;

  virtual std::vector<const RelationDesc*> relations() const = 0;
  // The checks of a domain itself (not of its base), in the order in which they run.
  virtual std::vector<const ConstraintDesc*> domain_constraints(Oid /*domain*/) const { return {}; }
};

using CatalogPtr = std::shared_ptr<const Catalog>;

}  // namespace dvecdb::server::query
