// information_schema's helper functions: facts of a column's type from its oid and modifier.
#include "server/catalog/functions/families.h"
#include "server/catalog/table.h"
#include "server/catalog/type_names.h"
#include "server/types/array.h"
#include "server/types/oids.h"
#include "server/types/record.h"

namespace dvecdb::server::catalog {

namespace {

namespace oids = types::oids;

struct TypeArguments {
  Oid type;
  std::int64_t typmod;
};

TypeArguments read(Arguments arguments) {
  return {oid_of(arguments[0]), arguments[1].as_integer()};
}

constexpr std::int64_t header = 4;  // that varlena modifiers count
constexpr std::int64_t unlimited_octets = 1 << 30;
constexpr std::int64_t bytes_a_character = 4;

bool is_character(Oid type) {
  return type == oids::bpchar || type == oids::varchar;
}

Value max_length(TypeArguments facts) {
  if (facts.typmod == -1) return Value::null();
  if (is_character(facts.type)) return Value::integer(facts.typmod - header);
  if (facts.type == oids::bit || facts.type == oids::varbit) return Value::integer(facts.typmod);
  return Value::null();
}

Value char_max_length(const FunctionContext&, Arguments arguments) {
  return max_length(read(arguments));
}

Value char_octet_length(const FunctionContext&, Arguments arguments) {
  const TypeArguments facts = read(arguments);
  if (facts.type != oids::text && !is_character(facts.type)) return Value::null();
  if (facts.typmod == -1) return Value::integer(unlimited_octets);
  const Value length = max_length(facts);
  return length.is_null() ? length : Value::integer(length.as_integer() * bytes_a_character);
}

Value numeric_precision(const FunctionContext&, Arguments arguments) {
  const TypeArguments facts = read(arguments);
  switch (facts.type) {
    case oids::int2:
      return Value::integer(16);
    case oids::int4:
      return Value::integer(32);
    case oids::int8:
      return Value::integer(64);
    case oids::float4:
      return Value::integer(24);
    case oids::float8:
      return Value::integer(53);
    case oids::numeric:
      if (facts.typmod != -1) return Value::integer(((facts.typmod - header) >> 16) & 0xffff);
      return Value::null();
    default:
      return Value::null();
  }
}

Value numeric_precision_radix(const FunctionContext&, Arguments arguments) {
  switch (oid_of(arguments[0])) {
    case oids::int2:
    case oids::int4:
    case oids::int8:
    case oids::float4:
    case oids::float8:
      return Value::integer(2);
    case oids::numeric:
      return Value::integer(10);
    default:
      return Value::null();
  }
}

Value numeric_scale(const FunctionContext&, Arguments arguments) {
  const TypeArguments facts = read(arguments);
  switch (facts.type) {
    case oids::int2:
    case oids::int4:
    case oids::int8:
      return Value::integer(0);
    case oids::numeric:
      if (facts.typmod != -1) return Value::integer((facts.typmod - header) & 0xffff);
      return Value::null();
    default:
      return Value::null();
  }
}

Value datetime_precision(const FunctionContext&, Arguments arguments) {
  const TypeArguments facts = read(arguments);
  constexpr std::int64_t default_digits = 6;
  switch (facts.type) {
    case oids::date:
      return Value::integer(0);
    case oids::time:
    case oids::timetz:
    case oids::timestamp:
    case oids::timestamptz:
      return Value::integer(facts.typmod < 0 ? default_digits : facts.typmod);
    case oids::interval: {
      const std::int64_t digits = facts.typmod & 0xffff;
      const bool is_default = facts.typmod < 0 || digits == 0xffff;
      return Value::integer(is_default ? default_digits : digits);
    }
    default:
      return Value::null();
  }
}

// "interval day to second(3)" -> "DAY TO SECOND(3)" without its precision.
Value interval_type(const FunctionContext& context, Arguments arguments) {
  const TypeArguments facts = read(arguments);
  if (facts.type != oids::interval) return Value::null();
  std::string text = type_text(session_of(context).catalog(),
                               {facts.type, static_cast<std::int32_t>(facts.typmod)});
  text.erase(0, std::string_view("interval").size());
  std::string out;
  int depth = 0;
  for (const char c : text) {
    depth += c == '(' ? 1 : 0;
    if (depth == 0) out.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    depth -= c == ')' ? 1 : 0;
  }
  while (!out.empty() && out.front() == ' ') out.erase(0, 1);
  return Value::text(out);
}

// Of a pg_attribute row and the pg_type row of its type: a domain's base instead of the domain.
template <int attribute_column, int type_column>
Value true_type(const FunctionContext&, Arguments arguments) {
  const auto attribute = types::decode_record(arguments[0].as_bytes());
  const auto type = types::decode_record(arguments[1].as_bytes());
  const bool is_domain = type.at(pg_type::typtype - 1).value.as_bytes() == "d";
  Value value =
      is_domain ? type.at(type_column - 1).value : attribute.at(attribute_column - 1).value;
  return value.own();
}

// Where a column stands in an index's key.
Value index_position(const FunctionContext& context, Arguments arguments) {
  const auto found = find_rows(session_of(context).connection(), pg_index::table,
                               {{pg_index::indexrelid, oid_value(oid_of(arguments[0]))}});
  if (found.empty()) return Value::null();
  const std::vector<std::int64_t> keys = found.front().integers(pg_index::indkey);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == arguments[1].as_integer()) {
      return Value::integer(static_cast<std::int64_t>(i) + 1);
    }
  }
  return Value::null();
}

constexpr ScalarEntry entries[] = {
    {"_pg_char_max_length", char_max_length},
    {"_pg_char_octet_length", char_octet_length},
    {"_pg_datetime_precision", datetime_precision},
    {"_pg_index_position", index_position},
    {"_pg_interval_type", interval_type},
    {"_pg_numeric_precision", numeric_precision},
    {"_pg_numeric_precision_radix", numeric_precision_radix},
    {"_pg_numeric_scale", numeric_scale},
    {"_pg_truetypid", true_type<pg_attribute::atttypid, pg_type::typbasetype>},
    {"_pg_truetypmod", true_type<pg_attribute::atttypmod, pg_type::typtypmod>},
};

}  // namespace

ScalarTable type_facts_functions() {
  return entries;
}

}  // namespace dvecdb::server::catalog
