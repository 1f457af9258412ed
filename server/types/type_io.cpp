#include "server/types/type_io.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "server/types/binary.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/type_handler.h"

namespace dvecdb::server::types {

namespace {

std::vector<const TypeHandler*> collect_handlers() {
  std::vector<const TypeHandler*> all;
  for (TypeHandlers family : {integer_types(), float_types(), numeric_types(), datetime_types(),
                              interval_types(), reg_types(), text_types(), bytea_types(),
                              json_types(), vector_types(), bit_types(), network_types()}) {
    for (const TypeHandler& handler : family) all.push_back(&handler);
  }
  std::sort(all.begin(), all.end(),
            [](const TypeHandler* a, const TypeHandler* b) { return a->oid < b->oid; });
  return all;
}

const std::vector<const TypeHandler*>& all_handlers() {
  static const std::vector<const TypeHandler*> handlers = collect_handlers();
  return handlers;
}

const TypeHandler* find_fixed(Oid oid) {
  const auto& all = all_handlers();
  auto at = std::lower_bound(
      all.begin(), all.end(), oid,
      [](const TypeHandler* handler, Oid wanted) { return handler->oid < wanted; });
  return at != all.end() && (*at)->oid == oid ? *at : nullptr;
}

const TypeHandler no_handler{};

const TypeHandler* find_by_kind(const TypeDesc& desc) {
  if (desc.is_array) return &array_handler();
  if (desc.kind == TypeKind::enumeration) return &enum_handler();
  if (desc.kind == TypeKind::composite || desc.oid == oids::record) return &record_handler();
  return &no_handler;
}

[[noreturn]] void refuse(const IoContext& context, Oid type, std::string_view what) {
  throw SqlError(sqlstate::feature_not_supported,
                 fmt::format("{} type {}", what, type_name(context, type)));
}

[[noreturn]] void refuse_binary(const IoContext& context, Oid type, std::string_view direction) {
  throw SqlError(sqlstate::undefined_function,
                 fmt::format("no binary {} function available for type {}", direction,
                             type_name(context, type)));
}

Value with_typmod(const IoContext& context, const TypeHandler& handler, TypeRef type, Value value) {
  if (type.typmod < 0 || handler.apply_typmod == nullptr || value.is_null()) return value;
  return handler.apply_typmod(context, type, value, false);
}

struct SqlName {
  Oid oid;
  std::string_view name;
};

constexpr std::array sql_names{
    SqlName{oids::boolean, "boolean"},
    SqlName{oids::internal_char, "\"char\""},
    SqlName{oids::int8, "bigint"},
    SqlName{oids::int2, "smallint"},
    SqlName{oids::int4, "integer"},
    SqlName{oids::float4, "real"},
    SqlName{oids::float8, "double precision"},
    SqlName{oids::bpchar, "character"},
    SqlName{oids::varchar, "character varying"},
    SqlName{oids::date, "date"},
    SqlName{oids::interval, "interval"},
    SqlName{oids::numeric, "numeric"},
    SqlName{oids::time, "time without time zone"},
    SqlName{oids::timetz, "time with time zone"},
    SqlName{oids::timestamp, "timestamp without time zone"},
    SqlName{oids::timestamptz, "timestamp with time zone"},
    SqlName{oids::bit, "bit"},
    SqlName{oids::varbit, "bit varying"},
};

}  // namespace

const TypeHandler& find_handler(const IoContext& context, TypeRef& type) {
  // A domain over a domain over ...: the catalog cannot hold a ring, but a bound costs nothing.
  for (int depth = 0; depth < 64; ++depth) {
    if (const TypeHandler* fixed = find_fixed(type.oid)) return *fixed;
    const TypeDesc* desc = context.types == nullptr ? nullptr : context.types->find_type(type.oid);
    if (desc == nullptr) break;
    if (desc->kind != TypeKind::domain) return *find_by_kind(*desc);
    const std::int32_t typmod = type.typmod >= 0 ? type.typmod : desc->base.typmod;
    type = {desc->base.oid, typmod};
  }
  throw SqlError(sqlstate::internal_error,
                 fmt::format("cache lookup failed for type {}", type.oid));
}

std::string type_name(const IoContext& context, Oid type) {
  for (const SqlName& known : sql_names) {
    if (known.oid == type) return std::string(known.name);
  }
  const TypeDesc* desc = context.types == nullptr ? nullptr : context.types->find_type(type);
  if (desc == nullptr) return std::to_string(type);
  if (desc->is_array && desc->element != invalid_oid) {
    return type_name(context, desc->element) + "[]";
  }
  return desc->name;
}

int default_compare(const Value& a, const Value& b) {
  const bool a_is_number = a.kind() == Value::Kind::integer || a.kind() == Value::Kind::real;
  const bool b_is_number = b.kind() == Value::Kind::integer || b.kind() == Value::Kind::real;
  if (a_is_number != b_is_number) return a_is_number ? -1 : 1;
  if (!a_is_number) {
    const int order = a.as_bytes().compare(b.as_bytes());
    return order < 0 ? -1 : (order > 0 ? 1 : 0);
  }
  if (a.kind() == Value::Kind::integer && b.kind() == Value::Kind::integer) {
    return a.as_integer() < b.as_integer() ? -1 : (a.as_integer() > b.as_integer() ? 1 : 0);
  }
  const double x = a.as_real();
  const double y = b.as_real();
  return x < y ? -1 : (x > y ? 1 : 0);
}

std::string default_sort_key(const Value& value) {
  std::string key;
  switch (value.kind()) {
    case Value::Kind::null:
      break;
    case Value::Kind::integer:
      append_u64(key, static_cast<std::uint64_t>(value.as_integer()) ^ (std::uint64_t{1} << 63));
      break;
    case Value::Kind::real:
      append_u64(key, float_sort_bits(value.as_real()));
      break;
    case Value::Kind::text:
    case Value::Kind::blob:
      key.assign(value.as_bytes());
      break;
  }
  return key;
}

Value input_text(const IoContext& context, TypeRef type, std::string_view text) {
  const TypeHandler& handler = find_handler(context, type);
  if (handler.input == nullptr) refuse(context, type.oid, "cannot accept a value of");
  return with_typmod(context, handler, type, handler.input(context, type, text));
}

Value receive_binary(const IoContext& context, TypeRef type, std::string_view bytes) {
  const TypeHandler& handler = find_handler(context, type);
  if (handler.receive == nullptr) refuse_binary(context, type.oid, "input");
  return with_typmod(context, handler, type, handler.receive(context, type, bytes));
}

void output_text(const IoContext& context, TypeRef type, const Value& value, std::string& out) {
  const TypeHandler& handler = find_handler(context, type);
  if (handler.output == nullptr) refuse(context, type.oid, "cannot display a value of");
  handler.output(context, type, value, out);
}

void send_binary(const IoContext& context, TypeRef type, const Value& value, std::string& out) {
  const TypeHandler& handler = find_handler(context, type);
  if (handler.send == nullptr) refuse_binary(context, type.oid, "output");
  handler.send(context, type, value, out);
}

int compare(const IoContext& context, Oid type, const Value& a, const Value& b) {
  TypeRef base{type, -1};
  const TypeHandler& handler = find_handler(context, base);
  if (handler.compare != nullptr) return handler.compare(context, base.oid, a, b);
  if (handler.collate != nullptr) return handler.collate(a.as_bytes(), b.as_bytes());
  return default_compare(a, b);
}

std::string sort_key(const IoContext& context, Oid type, const Value& value) {
  TypeRef base{type, -1};
  const TypeHandler& handler = find_handler(context, base);
  if (handler.sort_key != nullptr) return handler.sort_key(context, base.oid, value);
  return default_sort_key(value);
}

Ordering ordering_of(const IoContext& context, Oid type) {
  TypeRef base{type, -1};
  return find_handler(context, base).ordering;
}

std::string_view collation_name(const IoContext& context, Oid type) {
  TypeRef base{type, -1};
  return find_handler(context, base).collation;
}

int collate(std::string_view collation, std::string_view a, std::string_view b) {
  for (const TypeHandler* handler : all_handlers()) {
    if (handler->collate != nullptr && handler->collation == collation) {
      return handler->collate(a, b);
    }
  }
  throw SqlError(sqlstate::undefined_object,
                 fmt::format("collation \"{}\" does not exist", collation));
}

std::int32_t parse_typmod(Oid type, const std::string_view* args, std::size_t count) {
  const TypeHandler* handler = find_fixed(type);
  if (handler == nullptr || handler->parse_typmod == nullptr) {
    throw SqlError(
        sqlstate::syntax_error,
        fmt::format("type modifier is not allowed for type \"{}\"", type_name(IoContext{}, type)));
  }
  return handler->parse_typmod(args, count);
}

std::string format_typmod(Oid type, std::int32_t typmod) {
  const TypeHandler* handler = find_fixed(type);
  if (typmod < 0 || handler == nullptr) return {};
  if (handler->format_typmod != nullptr) return handler->format_typmod(typmod);
  return handler->parse_typmod != nullptr ? fmt::format("({})", typmod) : std::string();
}

Value apply_typmod(const IoContext& context, TypeRef type, const Value& value, bool is_explicit) {
  const TypeHandler& handler = find_handler(context, type);
  if (type.typmod < 0 || handler.apply_typmod == nullptr || value.is_null()) return value;
  return handler.apply_typmod(context, type, value, is_explicit);
}

}  // namespace dvecdb::server::types
