// Text and binary forms of every type: what PostgreSQL calls typinput, typoutput, typreceive
// and typsend, with the same accepted forms, limits and error texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/types/type_catalog.h"
#include "server/types/value.h"

namespace dvecdb::server::types {

enum class DateStyle : std::uint8_t { iso, postgres, sql, german };
enum class DateOrder : std::uint8_t { ymd, dmy, mdy };
enum class IntervalStyle : std::uint8_t { postgres, postgres_verbose, sql_standard, iso_8601 };
enum class ByteaOutput : std::uint8_t { hex, escape };

// The session settings that text forms depend on. `types` must outlive the context.
struct IoContext {
  const TypeCatalog* types = nullptr;
  std::string time_zone = "UTC";
  DateStyle date_style = DateStyle::iso;
  DateOrder date_order = DateOrder::mdy;
  IntervalStyle interval_style = IntervalStyle::postgres;
  ByteaOutput bytea_output = ByteaOutput::hex;
  int extra_float_digits = 1;
  // Microseconds since 2000-01-01 UTC at the start of the transaction ('now', 'today' in input).
  std::int64_t transaction_time = 0;
  // Set when an input depended on it: what was made of the input holds no longer than the
  // transaction. Not owned, may be null.
  bool* reads_clock = nullptr;
};

// All four throw SqlError on bad input and are thread-safe for distinct contexts.
// `type.typmod` is applied on input as an assignment cast would (varchar(3) too long: 22001;
// vector(3) with two dimensions: "expected 3 dimensions, not 2").
Value input_text(const IoContext& context, TypeRef type, std::string_view text);
Value receive_binary(const IoContext& context, TypeRef type, std::string_view bytes);
// Append the form of a value that is not NULL to `out`.
void output_text(const IoContext& context, TypeRef type, const Value& value, std::string& out);
void send_binary(const IoContext& context, TypeRef type, const Value& value, std::string& out);

// Total order of PostgreSQL's default btree operator class of the type: <0, 0, >0.
// NULLs are the caller's business.
int compare(const IoContext& context, Oid type, const Value& a, const Value& b);
// A blob whose bytewise order is that order, equal for equal values; for types that the row
// store cannot compare by itself (arrays, interval, timetz, bit, records, vectors).
std::string sort_key(const IoContext& context, Oid type, const Value& value);

// How the row store compares values of a type.
enum class Ordering : std::uint8_t {
  native,     // integers, reals, text and blobs compare as they lie
  collation,  // text under the collation named by collation_name()
  sort_key,   // through sort_key()
  none,       // the type has no order (json, point)
};
Ordering ordering_of(const IoContext& context, Oid type);
// "numeric", "jsonb", "bpchar" ...; empty when ordering_of() is not collation.
std::string_view collation_name(const IoContext& context, Oid type);
// The comparison behind such a collation.
int collate(std::string_view collation, std::string_view a, std::string_view b);

// typmodin and typmodout: "(10,2)" <-> 655366. format_typmod gives the text in parentheses or "".
std::int32_t parse_typmod(Oid type, const std::string_view* args, std::size_t count);
std::string format_typmod(Oid type, std::int32_t typmod);
// Applies a length or precision to a value already of the type (the pg_cast entries of a type
// to itself). `is_explicit` truncates where an assignment would refuse.
Value apply_typmod(const IoContext& context, TypeRef type, const Value& value, bool is_explicit);

}  // namespace dvecdb::server::types
