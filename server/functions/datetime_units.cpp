#include "server/functions/datetime_units.h"

#include "server/types/error.h"
#include "server/types/scan.h"
#include "server/types/type_handler.h"

namespace dvecdb::server::functions {

using namespace types;  // NOLINT: the words of types

void refuse_unit(const FunctionContext& context, std::string_view unit, Oid type) {
  throw SqlError(
      sqlstate::feature_not_supported,
      "unit \"" + to_lower(unit) + "\" not supported for type " + type_name(context.io, type));
}

namespace {

[[noreturn]] void refuse_name(const FunctionContext& context, std::string_view name, Oid type) {
  throw SqlError(
      sqlstate::invalid_parameter_value,
      "unit \"" + std::string(name) + "\" not recognized for type " + type_name(context.io, type));
}

}  // namespace

DatetimeUnit find_extract_unit(const FunctionContext& context, std::string_view name, Oid type) {
  const std::string lower = to_lower(name);
  Word word = find_unit_word(lower);
  if (word.kind == WordKind::unknown) word = find_date_word(lower);
  if (word.kind == WordKind::unit) return static_cast<DatetimeUnit>(word.value);
  if (word.kind == WordKind::reserved) {
    if (static_cast<ReservedWord>(word.value) == ReservedWord::epoch) return DatetimeUnit::epoch;
    refuse_unit(context, lower, type);
  }
  refuse_name(context, lower, type);
}

DatetimeUnit find_trunc_unit(const FunctionContext& context, std::string_view name, Oid type) {
  const std::string lower = to_lower(name);
  const Word word = find_unit_word(lower);
  if (word.kind != WordKind::unit) refuse_name(context, lower, type);
  return static_cast<DatetimeUnit>(word.value);
}

}  // namespace dvecdb::server::functions
