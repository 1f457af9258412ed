// What the type room must know of a type that is not hard-wired: arrays, enums, domains,
// composites. The catalog implements it; tests use their own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/types/value.h"

namespace dvecdb::server::types {

// pg_type.typtype
enum class TypeKind : char {
  base = 'b',
  composite = 'c',
  domain = 'd',
  enumeration = 'e',
  pseudo = 'p',
  range = 'r',
  multirange = 'm',
};

struct EnumLabel {
  Oid oid = invalid_oid;
  std::string label;
  double sort_order = 0;
};

struct CompositeColumn {
  std::string name;
  TypeRef type;
};

struct TypeDesc {
  Oid oid = invalid_oid;
  std::string name;
  std::string schema;
  Oid schema_oid = invalid_oid;
  TypeKind kind = TypeKind::base;
  char category = 'U';  // pg_type.typcategory
  bool is_preferred = false;
  std::int16_t length = -1;  // pg_type.typlen
  char delimiter = ',';
  Oid element = invalid_oid;  // pg_type.typelem
  bool is_array = false;  // true array (typsubscript = array_subscript_handler), not point or name
  Oid array = invalid_oid;     // pg_type.typarray
  Oid relation = invalid_oid;  // pg_type.typrelid of a composite
  TypeRef base;                // of a domain
  bool domain_not_null = false;
  Oid collation = invalid_oid;
  std::string input_function;            // proname of typinput, as "vector_in"
  std::vector<EnumLabel> labels;         // of an enum, in order
  std::vector<CompositeColumn> columns;  // of a composite
};

// Thread-safe to read. Pointers live as long as the catalog snapshot that gave them.
class TypeCatalog {
 public:
  virtual ~TypeCatalog() = default;
  virtual const TypeDesc* find_type(Oid oid) const = 0;

  // The oid behind a name in the text form of a reg* type ("public.items" as regclass), and the
  // name to print for an oid ("" when there is none: the number is printed). A catalog without
  // names keeps these defaults. resolve_reg may throw SqlError for what it does not find.
  virtual std::optional<Oid> resolve_reg(Oid /*reg_type*/, std::string_view /*name*/) const {
    return std::nullopt;
  }
  virtual std::string reg_name(Oid /*reg_type*/, Oid /*value*/) const { return {}; }
};

}  // namespace dvecdb::server::types
