// What sessions tell each other: advisory locks, notifications.
#include "server/catalog/functions/families.h"

namespace dvecdb::server::catalog {

namespace {

// Two int4 keys and one int8 key are different spaces in PostgreSQL; here two keys make one of
// 64 bits.
std::int64_t key_of(Arguments arguments) {
  if (arguments.size() < 2) return arguments[0].as_integer();
  const auto high = static_cast<std::uint64_t>(arguments[0].as_integer()) << 32;
  return static_cast<std::int64_t>(high | static_cast<std::uint32_t>(arguments[1].as_integer()));
}

template <bool shared, bool for_transaction>
Value lock(const FunctionContext& context, Arguments arguments) {
  session_of(context).advisory_lock(key_of(arguments), shared, for_transaction);
  return Value::text("");
}

template <bool shared, bool for_transaction>
Value try_lock(const FunctionContext& context, Arguments arguments) {
  return Value::boolean(
      session_of(context).try_advisory_lock(key_of(arguments), shared, for_transaction));
}

template <bool shared>
Value unlock(const FunctionContext& context, Arguments arguments) {
  return Value::boolean(session_of(context).advisory_unlock(key_of(arguments), shared));
}

Value unlock_all(const FunctionContext& context, Arguments) {
  session_of(context).advisory_unlock_all();
  return Value::text("");
}

Value notify(const FunctionContext& context, Arguments arguments) {
  session_of(context).notify(arguments[0].is_null() ? "" : arguments[0].as_bytes(),
                             arguments[1].is_null() ? "" : arguments[1].as_bytes());
  return Value::text("");
}

constexpr ScalarEntry entries[] = {
    {"pg_advisory_lock_int4", lock<false, false>},
    {"pg_advisory_lock_int8", lock<false, false>},
    {"pg_advisory_lock_shared_int4", lock<true, false>},
    {"pg_advisory_lock_shared_int8", lock<true, false>},
    {"pg_advisory_unlock_all", unlock_all},
    {"pg_advisory_unlock_int4", unlock<false>},
    {"pg_advisory_unlock_int8", unlock<false>},
    {"pg_advisory_unlock_shared_int4", unlock<true>},
    {"pg_advisory_unlock_shared_int8", unlock<true>},
    {"pg_advisory_xact_lock_int4", lock<false, true>},
    {"pg_advisory_xact_lock_int8", lock<false, true>},
    {"pg_advisory_xact_lock_shared_int4", lock<true, true>},
    {"pg_advisory_xact_lock_shared_int8", lock<true, true>},
    {"pg_notify", notify},
    {"pg_try_advisory_lock_int4", try_lock<false, false>},
    {"pg_try_advisory_lock_int8", try_lock<false, false>},
    {"pg_try_advisory_lock_shared_int4", try_lock<true, false>},
    {"pg_try_advisory_lock_shared_int8", try_lock<true, false>},
    {"pg_try_advisory_xact_lock_int4", try_lock<false, true>},
    {"pg_try_advisory_xact_lock_int8", try_lock<false, true>},
    {"pg_try_advisory_xact_lock_shared_int4", try_lock<true, true>},
    {"pg_try_advisory_xact_lock_shared_int8", try_lock<true, true>},
};

}  // namespace

ScalarTable lock_functions() {
  return entries;
}

}  // namespace dvecdb::server::catalog
