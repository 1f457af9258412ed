// Catalog rows that several DDL functions write. Internal to the room's writer_*.cpp files.
#pragma once

#include <string>
#include <string_view>

#include "server/catalog/object_address.h"
#include "server/catalog/references.h"
#include "server/catalog/table.h"
#include "server/catalog/writer.h"

namespace dvecdb::server::catalog {

// pg_depend.deptype
enum class DependencyType : char {
  normal = 'n',     // DROP of the referenced object needs CASCADE
  automatic = 'a',  // goes with the referenced object
  internal = 'i',   // part of the referenced object: cannot be dropped alone
  extension = 'e',  // member of the extension
};

// Does nothing for built-in referenced objects, which cannot be dropped.
void add_dependency(storage::Connection& connection, const ObjectAddress& dependent,
                    const ObjectAddress& referenced, DependencyType type);
// References to `own` are automatic, all others normal.
void add_dependencies(storage::Connection& connection, const ObjectAddress& dependent,
                      const References& references, types::Oid own_relation);
void remove_dependencies(storage::Connection& connection, const ObjectAddress& dependent);

struct ClassRow {
  Oid oid = types::invalid_oid;
  std::string name;
  Oid schema = types::invalid_oid;
  Oid owner = types::invalid_oid;
  Oid row_type = types::invalid_oid;
  Oid access_method = types::invalid_oid;
  char kind = 'r';
  char persistence = 'p';
  int columns = 0;
  Options options;
};
// Throws 42P07 when the name is taken.
void add_class(storage::Connection& connection, const ClassRow& row);

struct AttributeRow {
  Oid relation = types::invalid_oid;
  int number = 0;
  std::string name;
  TypeRef type;
  Oid collation = types::invalid_oid;  // 0: the type's
  bool not_null = false;
  bool has_default = false;
  char identity = '\0';
  char generated = '\0';
  int dimensions = 0;
};
void add_attribute(storage::Connection& connection, const AttributeRow& row);
// ctid, xmin ... of a table or sequence.
void add_system_attributes(storage::Connection& connection, Oid relation);

struct TypeRow {
  Oid oid = types::invalid_oid;
  std::string name;
  Oid schema = types::invalid_oid;
  Oid owner = types::invalid_oid;
  int length = -1;
  bool by_value = false;
  char kind = 'b';
  char category = 'U';
  Oid relation = types::invalid_oid;
  Oid subscript = types::invalid_oid;
  Oid element = types::invalid_oid;
  Oid array = types::invalid_oid;
  std::string_view input, output, receive, send;  // functions' names; "": none
  std::string_view analyze;
  Oid modifier_input = types::invalid_oid, modifier_output = types::invalid_oid;
  Oid output_oid = types::invalid_oid, send_oid = types::invalid_oid;  // of a domain's base
  char alignment = 'i';
  char storage = 'x';
  bool not_null = false;
  TypeRef base;
  int dimensions = 0;
  Oid collation = types::invalid_oid;
  std::string default_text;
};
// Throws 42710 when the name is taken.
void add_type(storage::Connection& connection, const TypeRow& row);
// The array type of `element`; its oid is told before.
void add_array_type(storage::Connection& connection, const TypeRow& element, Oid oid);
// Row type and array type of a relation.
void add_row_types(storage::Connection& connection, const ClassRow& relation, Oid array_oid);

// The one row of that oid (any catalog with an oid column). Throws XX000 when it is not there.
StoreRow row_of(storage::Connection& connection, const CatalogTable& table, Oid oid);
bool relation_name_is_taken(storage::Connection& connection, std::string_view name, Oid schema);

// pg_attrdef and what it depends on.
void add_default(storage::Connection& connection, const ObjectAddress& column,
                 std::string_view text, const References& references, bool is_generated);

// "{a=1,b=2}" as pg_class.reloptions has it; NULL for none.
Value options_value(const Options& options);

}  // namespace dvecdb::server::catalog
