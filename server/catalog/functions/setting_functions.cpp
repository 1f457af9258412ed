#include "server/catalog/functions/families.h"
#include "server/types/error.h"

namespace dvecdb::server::catalog {

namespace {

Value current_setting(const FunctionContext& context, Arguments arguments) {
  const auto value = context.environment.setting(arguments[0].as_bytes());
  if (value) return Value::text(*value);
  const bool missing_ok = arguments.size() > 1 && arguments[1].as_boolean();
  if (missing_ok) return Value::null();
  throw types::SqlError(types::sqlstate::undefined_object,
                        "unrecognized configuration parameter \"" + string_of(arguments[0]) + "\"");
}

// Not strict: a NULL name is an error, a NULL value the default.
Value set_config(const FunctionContext& context, Arguments arguments) {
  if (arguments[0].is_null()) {
    throw types::SqlError(types::sqlstate::null_value_not_allowed, "SET requires parameter name");
  }
  const std::string_view value =
      arguments[1].is_null() ? std::string_view() : arguments[1].as_bytes();
  const bool is_local = !arguments[2].is_null() && arguments[2].as_boolean();
  context.environment.set_setting(arguments[0].as_bytes(), value, is_local);
  return text_or_null(context.environment.setting(arguments[0].as_bytes()).value_or(""));
}

constexpr ScalarEntry entries[] = {
    {"set_config_by_name", set_config},
    {"show_config_by_name", current_setting},
    {"show_config_by_name_missing_ok", current_setting},
};

}  // namespace

ScalarTable setting_functions() {
  return entries;
}

}  // namespace dvecdb::server::catalog
