// How the type room implements one type. Internal to the room: others call type_io.h.
//
// Each family of types lives in its own .cpp file and shows one table; type_io.cpp collects them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "server/types/type_catalog.h"
#include "server/types/type_io.h"
#include "server/types/value.h"

namespace dvecdb::server::types {

// A null pointer asks for the default told beside it. Functions may be called by any thread.
struct TypeHandler {
  Oid oid = invalid_oid;

  // Parse a text or binary form. When `apply_typmod` is set, the caller applies type.typmod to
  // the result as an assignment would; the handler reads it only where it changes the grammar.
  // Default: refused ("cannot accept a value of type x").
  Value (*input)(const IoContext&, TypeRef type, std::string_view text) = nullptr;
  // Append the text form. Default: refused ("cannot display a value of type x").
  void (*output)(const IoContext&, TypeRef type, const Value&, std::string& out) = nullptr;
  // Default of both: refused ("no binary input function available for type x").
  Value (*receive)(const IoContext&, TypeRef type, std::string_view bytes) = nullptr;
  void (*send)(const IoContext&, TypeRef type, const Value&, std::string& out) = nullptr;

  Ordering ordering = Ordering::native;
  // Name and comparison of the collation; only with Ordering::collation.
  std::string_view collation = {};
  int (*collate)(std::string_view a, std::string_view b) = nullptr;
  // Default: `collate`, else numbers by value and bytes as unsigned bytes.
  int (*compare)(const IoContext&, Oid type, const Value& a, const Value& b) = nullptr;
  // Default: a key of the stored form (see default_sort_key).
  std::string (*sort_key)(const IoContext&, Oid type, const Value&) = nullptr;

  // Default: the type takes no modifier ("type modifier is not allowed for type x" is the
  // analyzer's word; here it is an internal error).
  std::int32_t (*parse_typmod)(const std::string_view* args, std::size_t count) = nullptr;
  // Default: "(typmod)" when the type has a parse_typmod, else "".
  std::string (*format_typmod)(std::int32_t typmod) = nullptr;
  // Called with type.typmod >= 0 only. Default: the value unchanged.
  Value (*apply_typmod)(const IoContext&, TypeRef type, const Value&, bool is_explicit) = nullptr;
};

using TypeHandlers = std::span<const TypeHandler>;

// One table a family, in the file named after it.
TypeHandlers integer_types();   // integer_types.cpp: bool, int2, int4, int8, oid, xid, cid, tid ...
TypeHandlers float_types();     // float_types.cpp
TypeHandlers numeric_types();   // numeric_type.cpp
TypeHandlers datetime_types();  // datetime_types.cpp: date, time, timetz, timestamp, timestamptz
TypeHandlers interval_types();  // interval_type.cpp
TypeHandlers reg_types();       // reg_types.cpp
TypeHandlers text_types();      // text_types.cpp: text, varchar, bpchar, name, "char", unknown ...
TypeHandlers bytea_types();     // bytea_type.cpp
TypeHandlers json_types();      // json_types.cpp: json, jsonb, jsonpath
TypeHandlers vector_types();    // vector_types.cpp: vector, halfvec, sparsevec
TypeHandlers bit_types();       // bit_types.cpp
TypeHandlers network_types();   // network_types.cpp: uuid, inet, cidr, macaddr

// The generic handlers of types that users make; `oid` in them is not used. They find the
// TypeDesc of the type that they are called with in context.types.
const TypeHandler& array_handler();   // array_types.cpp: arrays, int2vector, oidvector
const TypeHandler& record_handler();  // record_types.cpp: record and composites
const TypeHandler& enum_handler();    // enum_types.cpp

// The handler of a type: a table's, else by the kind that the catalog tells. `type` of a domain is
// replaced by its base type (and the base's typmod unless it has one of its own).
// Throws SqlError (XX000) when nobody knows the type.
const TypeHandler& find_handler(const IoContext& context, TypeRef& type);

// The name of a type for messages: PostgreSQL's SQL spelling ("integer", "double precision"),
// the catalog's name for others.
std::string type_name(const IoContext& context, Oid type);

// Order and key of the stored form alone: integers before reals as numbers, bytes as bytes.
int default_compare(const Value& a, const Value& b);
std::string default_sort_key(const Value& value);

}  // namespace dvecdb::server::types
