#include <array>
#include <functional>

#include "server/functions/text_tables.h"
#include "server/types/oids.h"
#include "server/types/type_io.h"

namespace dvecdb::server::functions {
namespace {

// Types whose stored bytes compare as they lie.
int order_bytes(const FunctionContext&, std::span<const Value> args) {
  int order = args[0].as_bytes().compare(args[1].as_bytes());
  return (order > 0) - (order < 0);
}

template <Oid type>
int order_type(const FunctionContext& context, std::span<const Value> args) {
  return types::compare(context.io, type, args[0], args[1]);
}

int order_call(const FunctionContext& context, std::span<const Value> args) {
  return types::compare(context.io, context.call.arguments.at(0).oid, args[0], args[1]);
}

int order_integers(const FunctionContext&, std::span<const Value> args) {
  std::int64_t a = args[0].as_integer();
  std::int64_t b = args[1].as_integer();
  return (a > b) - (a < b);
}

using Order = int (*)(const FunctionContext&, std::span<const Value>);

template <Order order, class Test>
Value test(const FunctionContext& context, std::span<const Value> args) {
  return Value::boolean(Test{}(order(context, args), 0));
}

template <Order order>
Value sign(const FunctionContext& context, std::span<const Value> args) {
  return Value::integer(order(context, args));
}

template <Order order, class Test>
Value pick(const FunctionContext& context, std::span<const Value> args) {
  return Test{}(order(context, args), 0) ? args[0] : args[1];
}

using Lt = std::less<>;
using Le = std::less_equal<>;
using Eq = std::equal_to<>;
using Ne = std::not_equal_to<>;
using Ge = std::greater_equal<>;
using Gt = std::greater<>;
constexpr Order bpchar_order = order_type<types::oids::bpchar>;
constexpr Order bit_order = order_type<types::oids::varbit>;
constexpr Order inet_order = order_type<types::oids::inet>;
constexpr Order jsonb_order = order_type<types::oids::jsonb>;

constexpr std::array entries{
#define DVECDB_COMPARISONS(order, lt, le, eq, ne, ge, gt, cmp, needs_types)                     \
  ScalarEntry{lt, test<order, Lt>, needs_types}, ScalarEntry{le, test<order, Le>, needs_types}, \
      ScalarEntry{eq, test<order, Eq>, needs_types},                                            \
      ScalarEntry{ne, test<order, Ne>, needs_types},                                            \
      ScalarEntry{ge, test<order, Ge>, needs_types},                                            \
      ScalarEntry{gt, test<order, Gt>, needs_types}, ScalarEntry{cmp, sign<order>, needs_types}
#define DVECDB_EXTREMES(order, larger, smaller, needs_types)       \
  ScalarEntry{larger, pick<order, Gt>, needs_types}, ScalarEntry { \
    smaller, pick<order, Lt>, needs_types                          \
  }
    DVECDB_COMPARISONS(order_bytes, "text_lt", "text_le", "texteq", "textne", "text_ge", "text_gt",
                       "bttextcmp", false),
    DVECDB_COMPARISONS(order_bytes, "text_pattern_lt", "text_pattern_le", "text_pattern_eq",
                       "text_pattern_ne", "text_pattern_ge", "text_pattern_gt",
                       "bttext_pattern_cmp", false),
    DVECDB_COMPARISONS(order_bytes, "namelt", "namele", "nameeq", "namene", "namege", "namegt",
                       "btnamecmp", false),
    DVECDB_COMPARISONS(order_bytes, "namelttext", "nameletext", "nameeqtext", "namenetext",
                       "namegetext", "namegttext", "btnametextcmp", false),
    DVECDB_COMPARISONS(order_bytes, "textltname", "textlename", "texteqname", "textnename",
                       "textgename", "textgtname", "bttextnamecmp", false),
    DVECDB_COMPARISONS(order_bytes, "charlt", "charle", "chareq", "charne", "charge", "chargt",
                       "btcharcmp", false),
    DVECDB_COMPARISONS(order_bytes, "bytealt", "byteale", "byteaeq", "byteane", "byteage",
                       "byteagt", "byteacmp", false),
    DVECDB_COMPARISONS(order_bytes, "uuid_lt", "uuid_le", "uuid_eq", "uuid_ne", "uuid_ge",
                       "uuid_gt", "uuid_cmp", false),
    DVECDB_COMPARISONS(order_bytes, "macaddr_lt", "macaddr_le", "macaddr_eq", "macaddr_ne",
                       "macaddr_ge", "macaddr_gt", "macaddr_cmp", false),
    DVECDB_COMPARISONS(order_bytes, "pg_lsn_lt", "pg_lsn_le", "pg_lsn_eq", "pg_lsn_ne", "pg_lsn_ge",
                       "pg_lsn_gt", "pg_lsn_cmp", false),
    DVECDB_COMPARISONS(bpchar_order, "bpcharlt", "bpcharle", "bpchareq", "bpcharne", "bpcharge",
                       "bpchargt", "bpcharcmp", false),
    DVECDB_COMPARISONS(bpchar_order, "bpchar_pattern_lt", "bpchar_pattern_le", "bpchar_pattern_eq",
                       "bpchar_pattern_ne", "bpchar_pattern_ge", "bpchar_pattern_gt",
                       "btbpchar_pattern_cmp", false),
    DVECDB_COMPARISONS(bit_order, "bitlt", "bitle", "biteq", "bitne", "bitge", "bitgt", "bitcmp",
                       false),
    DVECDB_COMPARISONS(inet_order, "network_lt", "network_le", "network_eq", "network_ne",
                       "network_ge", "network_gt", "network_cmp", false),
    DVECDB_COMPARISONS(jsonb_order, "jsonb_lt", "jsonb_le", "jsonb_eq", "jsonb_ne", "jsonb_ge",
                       "jsonb_gt", "jsonb_cmp", false),
    DVECDB_COMPARISONS(order_integers, "enum_lt", "enum_le", "enum_eq", "enum_ne", "enum_ge",
                       "enum_gt", "enum_cmp", false),
    DVECDB_COMPARISONS(order_call, "record_lt", "record_le", "record_eq", "record_ne", "record_ge",
                       "record_gt", "btrecordcmp", true),
    DVECDB_COMPARISONS(order_bytes, "record_image_lt", "record_image_le", "record_image_eq",
                       "record_image_ne", "record_image_ge", "record_image_gt", "btrecordimagecmp",
                       false),
    DVECDB_COMPARISONS(order_call, "array_lt", "array_le", "array_eq", "array_ne", "array_ge",
                       "array_gt", "btarraycmp", true),
    DVECDB_EXTREMES(order_bytes, "text_larger", "text_smaller", false),
    DVECDB_EXTREMES(bpchar_order, "bpchar_larger", "bpchar_smaller", false),
    DVECDB_EXTREMES(inet_order, "network_larger", "network_smaller", false),
    DVECDB_EXTREMES(order_bytes, "pg_lsn_larger", "pg_lsn_smaller", false),
    DVECDB_EXTREMES(order_integers, "enum_larger", "enum_smaller", false),
    DVECDB_EXTREMES(order_call, "array_larger", "array_smaller", true),
#undef DVECDB_COMPARISONS
#undef DVECDB_EXTREMES
};

}  // namespace

ScalarTable text_comparison_functions() {
  return entries;
}

}  // namespace dvecdb::server::functions
