// The scalar functions of the registry.
#include <algorithm>
#include <array>

#include "server/exec/store_functions_call.h"

namespace dvecdb::server::exec {

namespace {

using functions::ScalarEntry;

struct ScalarBinding {
  StoreContext* store;
  const ScalarEntry* entry;
};

const CallTypes no_types{};

const CallTypes& types_of_call(sqlite3_context* context, StoreContext& store,
                               sqlite3_value* literal) {
  using Kept = std::shared_ptr<const CallTypes>;
  if (auto* kept = static_cast<Kept*>(sqlite3_get_auxdata(context, 0))) return **kept;
  auto kept = std::make_unique<Kept>(store.call_types(to_value(literal).as_bytes()));
  // The store's own map keeps the types alive if SQLite drops the note at once.
  const CallTypes& types = **kept;
  sqlite3_set_auxdata(context, 0, kept.release(), [](void* p) { delete static_cast<Kept*>(p); });
  return types;
}

bool has_null(int count, sqlite3_value** values) {
  return std::any_of(values, values + count,
                     [](sqlite3_value* value) { return sqlite3_value_type(value) == SQLITE_NULL; });
}

template <bool is_strict>
void call_scalar(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto& binding = *static_cast<const ScalarBinding*>(sqlite3_user_data(context));
  const bool is_typed = binding.entry->needs_types && count > 0;
  sqlite3_value** arguments = values + (is_typed ? 1 : 0);
  const int argument_count = count - (is_typed ? 1 : 0);
  if (is_strict && has_null(argument_count, arguments)) {
    sqlite3_result_null(context);
    return;
  }
  guarded(context, *binding.store, [&] {
    StoreContext& store = *binding.store;
    const CallTypes& call = is_typed ? types_of_call(context, store, values[0]) : no_types;
    Environment& environment = store.environment();
    const FunctionContext function_context{environment, environment.io(), call};
    const ArgumentList list(argument_count, arguments);
    set_result(context, binding.entry->function(function_context, list.span()));
  });
}

// Functions whose calls must not be shared or moved. Sorted.
constexpr std::array volatile_symbols{
    std::string_view("clock_timestamp"),
    std::string_view("currval_oid"),
    std::string_view("drandom"),
    std::string_view("dvecdb_create_api_key"),
    std::string_view("dvecdb_drop_api_key"),
    std::string_view("gen_random_uuid"),
    std::string_view("lastval"),
    std::string_view("nextval_oid"),
    std::string_view("pg_advisory_lock_int4"),
    std::string_view("pg_advisory_lock_int8"),
    std::string_view("pg_advisory_unlock_all"),
    std::string_view("pg_advisory_unlock_int4"),
    std::string_view("pg_advisory_unlock_int8"),
    std::string_view("pg_advisory_xact_lock_int4"),
    std::string_view("pg_advisory_xact_lock_int8"),
    std::string_view("pg_cancel_backend"),
    std::string_view("pg_notify"),
    std::string_view("pg_random_bytes"),
    std::string_view("pg_sleep"),
    std::string_view("pg_terminate_backend"),
    std::string_view("pg_try_advisory_lock_int4"),
    std::string_view("pg_try_advisory_lock_int8"),
    std::string_view("pg_try_advisory_xact_lock_int4"),
    std::string_view("pg_try_advisory_xact_lock_int8"),
    std::string_view("set_config_by_name"),
    std::string_view("setseed"),
    std::string_view("setval3_oid"),
    std::string_view("setval_oid"),
    std::string_view("timeofday"),
    std::string_view("uuid_generate_v1"),
    std::string_view("uuid_generate_v1mc"),
    std::string_view("uuid_generate_v4"),
};

bool is_volatile(std::string_view symbol) {
  return std::binary_search(volatile_symbols.begin(), volatile_symbols.end(), symbol);
}

using Bindings = std::vector<ScalarBinding>;

}  // namespace

void register_scalars(StoreContext& store) {
  sqlite3* handle = store.connection().handle();
  auto owned = std::make_unique<Bindings>();
  Bindings& bindings = *owned;
  for (const ScalarEntry& entry : functions::Registry::instance().scalars()) {
    bindings.push_back({&store, &entry});
  }
  // The bindings live as long as the connection: this function's destructor ends them.
  check_registered(
      store.connection(),
      sqlite3_create_function_v2(
          handle, "dvecdb_scalar_bindings", 0, SQLITE_UTF8, owned.release(),
          [](sqlite3_context* context, int, sqlite3_value**) { sqlite3_result_null(context); },
          nullptr, nullptr, [](void* p) { delete static_cast<Bindings*>(p); }));
  std::string name;
  for (ScalarBinding& binding : bindings) {
    const std::string_view symbol = binding.entry->symbol;
    const int flags =
        SQLITE_UTF8 | SQLITE_INNOCUOUS | (is_volatile(symbol) ? 0 : SQLITE_DETERMINISTIC);
    const auto add = [&](std::string_view prefix,
                         void (*call)(sqlite3_context*, int, sqlite3_value**)) {
      name.assign(prefix).append(symbol);
      check_registered(store.connection(),
                       sqlite3_create_function_v2(handle, name.c_str(), -1, flags, &binding, call,
                                                  nullptr, nullptr, nullptr));
    };
    add("s_", call_scalar<true>);
    add("f_", call_scalar<false>);
  }
}

}  // namespace dvecdb::server::exec
