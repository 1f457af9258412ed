// Helpers of the lowered SQL that are no functions of PostgreSQL.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>

#include "server/exec/store_functions_call.h"
#include "server/types/oids.h"
#include "server/types/type_handler.h"

namespace dvecdb::server::exec {

using types::Oid;
using types::SqlError;
using types::TypeRef;
namespace sqlstate = types::sqlstate;

namespace {

using Arguments = std::span<const Value>;

Oid oid_of(const Value& value) {
  return static_cast<Oid>(value.as_integer());
}

struct HelperBinding {
  StoreContext* store;
  HelperFunction function;
};

void call_helper(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto& binding = *static_cast<const HelperBinding*>(sqlite3_user_data(context));
  guarded(context, *binding.store, [&] {
    const ArgumentList list(count, values);
    set_result(context, binding.function(*binding.store, list.span()));
  });
}

// sort_key(type, x)
Value sort_key(StoreContext& store, Arguments arguments) {
  if (arguments[1].is_null()) return {};
  return Value::blob(types::sort_key(store.environment().io(), oid_of(arguments[0]), arguments[1]));
}

// compare_values(type, a, b): -1, 0, 1
Value compare_values(StoreContext& store, Arguments arguments) {
  if (arguments[1].is_null() || arguments[2].is_null()) return {};
  return Value::integer(
      types::compare(store.environment().io(), oid_of(arguments[0]), arguments[1], arguments[2]));
}

// via_text('source>target', x)
Value via_text(StoreContext& store, Arguments arguments) {
  if (arguments[1].is_null()) return {};
  const auto call = store.call_types(arguments[0].as_bytes());
  const types::IoContext& io = store.environment().io();
  std::string text;
  types::output_text(io, call->arguments[0], arguments[1], text);
  return types::input_text(io, call->result, text).own();
}

// apply_typmod('>target', x, is_explicit)
Value apply_typmod(StoreContext& store, Arguments arguments) {
  if (arguments[1].is_null()) return {};
  const auto call = store.call_types(arguments[0].as_bytes());
  return types::apply_typmod(store.environment().io(), call->result, arguments[1],
                             arguments[2].as_boolean())
      .own();
}

// domain_value('>domain', x [, check's name, check's statement over ?1, ...])
Value domain_value(StoreContext& store, Arguments arguments) {
  const auto call = store.call_types(arguments[0].as_bytes());
  const types::IoContext& io = store.environment().io();
  const types::TypeDesc* domain =
      io.types == nullptr ? nullptr : io.types->find_type(call->result.oid);
  if (domain != nullptr && domain->domain_not_null && arguments[1].is_null()) {
    throw SqlError(sqlstate::not_null_violation,
                   fmt::format("domain {} does not allow null values", domain->name))
        .datatype(domain->name)
        .schema(domain->schema);
  }
  for (std::size_t i = 2; i + 1 < arguments.size(); i += 2) {
    storage::Statement check = store.connection().prepare(arguments[i + 1].as_bytes());
    check.bind(1, arguments[1]);
    check.step();
    const Value holds = check.column(0);
    if (holds.is_null() || holds.as_boolean()) continue;
    const std::string name = domain != nullptr ? domain->name : "";
    throw SqlError(sqlstate::check_violation,
                   fmt::format("value for domain {} violates check constraint \"{}\"", name,
                               arguments[i].as_bytes()))
        .datatype(name)
        .schema(domain != nullptr ? domain->schema : "")
        .constraint(std::string(arguments[i].as_bytes()));
  }
  return arguments[1];
}

template <bool is_greatest>
Value extreme(StoreContext& store, Arguments arguments) {
  const Oid type = oid_of(arguments[0]);
  const types::IoContext& io = store.environment().io();
  const Value* best = nullptr;
  for (const Value& value : arguments.subspan(1)) {
    if (value.is_null()) continue;
    if (best == nullptr) {
      best = &value;
      continue;
    }
    const int order = types::compare(io, type, value, *best);
    if (is_greatest ? order > 0 : order < 0) best = &value;
  }
  return best == nullptr ? Value() : *best;
}

// real_bits(n): the double whose bits those are, where SQLite's own reading might be off by one.
Value real_bits(StoreContext&, Arguments arguments) {
  return Value::real(std::bit_cast<double>(arguments[0].as_integer()));
}

Value limit_count(StoreContext&, Arguments arguments) {
  if (arguments[0].is_null()) return Value::integer(-1);
  if (arguments[0].as_integer() < 0) {
    throw SqlError(sqlstate::invalid_row_count_in_limit_clause, "LIMIT must not be negative");
  }
  return arguments[0];
}

Value offset_count(StoreContext&, Arguments arguments) {
  if (arguments[0].is_null()) return Value::integer(0);
  if (arguments[0].as_integer() < 0) {
    throw SqlError(sqlstate::invalid_row_count_in_result_offset_clause,
                   "OFFSET must not be negative");
  }
  return arguments[0];
}

// limit_sum(limit, offset): rows to fetch, -1 for all.
Value limit_sum(StoreContext& store, Arguments arguments) {
  const std::int64_t limit = limit_count(store, arguments.first(1)).as_integer();
  const std::int64_t offset = offset_count(store, arguments.subspan(1)).as_integer();
  std::int64_t sum = 0;
  if (limit < 0 || __builtin_add_overflow(limit, offset, &sum)) return Value::integer(-1);
  return Value::integer(sum);
}

// limit_hint(n): the same as a hint to knn, where 0 says unknown.
Value limit_hint(StoreContext&, Arguments arguments) {
  return Value::integer(std::max<std::int64_t>(0, arguments[0].as_integer()));
}

// What knn takes for ef_search: hnsw.ef_search, or hnsw.target_recall when that is set.
Value hnsw_ef_search(StoreContext& store, Arguments) {
  constexpr std::int64_t boot_value = 40;
  const double recall =
      std::strtod(store.environment().setting("hnsw.target_recall").value_or("0").c_str(), nullptr);
  if (recall > 0) return Value::real(recall);
  const std::optional<std::string> text = store.environment().setting("hnsw.ef_search");
  std::int64_t value = boot_value;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return Value::integer(value);
}

Value raise_error(StoreContext&, Arguments arguments) {
  throw SqlError(arguments[0].as_bytes(), std::string(arguments[1].as_bytes()));
}

// fold('int4pl,int4mi', a, b, c): int4mi(int4pl(a, b), c). Strict functions that need no types.
Value fold(StoreContext& store, Arguments arguments) {
  static const functions::CallTypes no_types{};
  const FunctionContext context{store.environment(), store.environment().io(), no_types};
  std::string_view symbols = arguments[0].as_bytes();
  std::array<Value, 2> pair{arguments[1], Value()};
  for (const Value& next : arguments.subspan(2)) {
    if (pair[0].is_null() || next.is_null()) return {};
    const std::string_view symbol = symbols.substr(0, symbols.find(','));
    symbols.remove_prefix(std::min(symbols.size(), symbol.size() + 1));
    pair[1] = next;
    pair[0] = functions::Registry::instance().find_scalar(symbol)->function(context, pair).own();
  }
  return pair[0];
}

constexpr HelperEntry helpers[] = {
    {"fold", fold},
    {"sort_key", sort_key},
    {"compare_values", compare_values},
    {"via_text", via_text},
    {"apply_typmod", apply_typmod},
    {"domain_value", domain_value},
    {"greatest_value", extreme<true>},
    {"least_value", extreme<false>},
    {"real_bits", real_bits},
    {"limit_count", limit_count},
    {"offset_count", offset_count},
    {"limit_sum", limit_sum},
    {"limit_hint", limit_hint},
    {"hnsw_ef_search", hnsw_ef_search},
    {"raise_error", raise_error, false},
};

}  // namespace

void register_helpers(StoreContext& store, std::span<const HelperEntry> entries) {
  for (const HelperEntry& entry : entries) {
    auto binding = std::make_unique<HelperBinding>(HelperBinding{&store, entry.function});
    const int flags =
        SQLITE_UTF8 | SQLITE_INNOCUOUS | (entry.is_deterministic ? SQLITE_DETERMINISTIC : 0);
    check_registered(
        store.connection(),
        sqlite3_create_function_v2(store.connection().handle(), entry.name, -1, flags,
                                   binding.release(), call_helper, nullptr, nullptr,
                                   [](void* p) { delete static_cast<HelperBinding*>(p); }));
  }
}

void register_helper_scalars(StoreContext& store) {
  register_helpers(store, helpers);
}

}  // namespace dvecdb::server::exec
