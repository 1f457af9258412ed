#include "server/catalog/functions/families.h"
#include "server/catalog/sequences.h"

namespace dvecdb::server::catalog {

namespace {

Value next_value(const FunctionContext& context, Arguments arguments) {
  return Value::integer(context.environment.nextval(oid_of(arguments[0])));
}
Value current_value(const FunctionContext& context, Arguments arguments) {
  return Value::integer(context.environment.currval(oid_of(arguments[0])));
}
Value last_value(const FunctionContext& context, Arguments) {
  return Value::integer(context.environment.lastval());
}
Value set_value(const FunctionContext& context, Arguments arguments) {
  const bool is_called = arguments.size() < 3 || arguments[2].as_boolean();
  return Value::integer(
      context.environment.setval(oid_of(arguments[0]), arguments[1].as_integer(), is_called));
}

// NULL before the first nextval.
Value last_sequence_value(const FunctionContext& context, Arguments arguments) {
  const SequenceState state =
      sequence_state(session_of(context).connection(), oid_of(arguments[0]));
  return state.is_called ? Value::integer(state.last_value) : Value::null();
}

constexpr ScalarEntry entries[] = {
    {"currval_oid", current_value}, {"lastval", last_value},
    {"nextval_oid", next_value},    {"pg_sequence_last_value", last_sequence_value},
    {"setval3_oid", set_value},     {"setval_oid", set_value},
};

}  // namespace

ScalarTable sequence_functions() {
  return entries;
}

}  // namespace dvecdb::server::catalog
