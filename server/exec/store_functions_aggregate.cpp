// The aggregates of the registry: a_<name>(types, ...) for groups, w_<name>(types, ...) for window
// frames that move, ordered_aggregate(...) where rows must be sorted or made distinct first.
#include <algorithm>
#include <charconv>
#include <deque>

#include "server/exec/store_functions_call.h"

namespace dvecdb::server::exec {

using functions::Aggregate;
using functions::AggregateEntry;
using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

struct AggregateBinding {
  StoreContext* store;
  const AggregateEntry* entry;
};
using Bindings = std::vector<AggregateBinding>;
using Row = std::vector<Value>;

Row owned_row(std::span<const Value> values) {
  Row row(values.begin(), values.end());
  for (Value& value : row) value.own();
  return row;
}

// One group. `frame` holds a window frame's rows, so that the state can be made anew when rows
// leave it; plain groups keep none.
struct Group {
  std::shared_ptr<const CallTypes> call;
  std::unique_ptr<Aggregate> aggregate;
  std::deque<Row> frame;
  bool is_stale = false;
};

// The group of this call, made by `make` at its first row.
template <typename State, typename Make>
State& state_of(sqlite3_context* context, Make&& make) {
  auto** slot = static_cast<State**>(sqlite3_aggregate_context(context, sizeof(State*)));
  if (slot == nullptr) throw std::bad_alloc();
  if (*slot == nullptr) *slot = make().release();
  return **slot;
}

// Null when the group had no row.
template <typename State>
std::unique_ptr<State> take_state(sqlite3_context* context) {
  auto** slot = static_cast<State**>(sqlite3_aggregate_context(context, 0));
  return std::unique_ptr<State>(slot == nullptr ? nullptr : std::exchange(*slot, nullptr));
}

// A factory answers null for types that it does not know.
std::unique_ptr<Aggregate> make_aggregate(const AggregateEntry& entry, const CallTypes& call) {
  std::unique_ptr<Aggregate> made = entry.factory(call);
  if (made != nullptr) return made;
  throw SqlError(sqlstate::feature_not_supported,
                 "aggregate " + std::string(entry.name) + " is not supported for these types");
}

AggregateBinding& binding_of(sqlite3_context* context) {
  return *static_cast<AggregateBinding*>(sqlite3_user_data(context));
}

FunctionContext context_for(const AggregateBinding& binding, const CallTypes& call) {
  Environment& environment = binding.store->environment();
  return {environment, environment.io(), call};
}

template <bool keeps_frame>
void step(sqlite3_context* context, int count, sqlite3_value** values) {
  AggregateBinding& binding = binding_of(context);
  guarded(context, *binding.store, [&] {
    Group& group = state_of<Group>(context, [&] {
      auto made = std::make_unique<Group>();
      made->call = binding.store->call_types(to_value(values[0]).as_bytes());
      made->aggregate = make_aggregate(*binding.entry, *made->call);
      return made;
    });
    const ArgumentList list(count - 1, values + 1);
    if (keeps_frame) group.frame.push_back(owned_row(list.span()));
    if (!group.is_stale) group.aggregate->step(context_for(binding, *group.call), list.span());
  });
}

void leave_frame(sqlite3_context* context, int, sqlite3_value**) {
  auto** slot = static_cast<Group**>(sqlite3_aggregate_context(context, 0));
  if (slot == nullptr || *slot == nullptr || (*slot)->frame.empty()) return;
  (*slot)->frame.pop_front();
  (*slot)->is_stale = true;
}

void answer(sqlite3_context* context, const AggregateBinding& binding, Group& group) {
  const FunctionContext function_context = context_for(binding, *group.call);
  if (group.is_stale) {
    group.aggregate = make_aggregate(*binding.entry, *group.call);
    for (const Row& row : group.frame) group.aggregate->step(function_context, row);
    group.is_stale = false;
  }
  set_result(context, group.aggregate->result(function_context));
}

// A group without rows answers NULL; the lowering puts another value over it where PostgreSQL has
// one (count).
void value_of_frame(sqlite3_context* context) {
  AggregateBinding& binding = binding_of(context);
  guarded(context, *binding.store, [&] {
    auto** slot = static_cast<Group**>(sqlite3_aggregate_context(context, 0));
    if (slot == nullptr || *slot == nullptr || ((*slot)->is_stale && (*slot)->frame.empty())) {
      sqlite3_result_null(context);
      return;
    }
    answer(context, binding, **slot);
  });
}

void finish(sqlite3_context* context) {
  AggregateBinding& binding = binding_of(context);
  guarded(context, *binding.store, [&] {
    const std::unique_ptr<Group> group = take_state<Group>(context);
    if (group == nullptr || (group->is_stale && group->frame.empty())) {
      sqlite3_result_null(context);
      return;
    }
    answer(context, binding, *group);
  });
}

struct SortKey {
  std::size_t position = 0;
  types::Oid type = types::invalid_oid;
  bool descending = false;
  bool nulls_first = false;
};

// "d2;0,25,a,l;3,23,d,f": distinct (or "-"), the number of arguments (the values after them are
// keys alone), then per key its position among all values, type, direction and place of NULLs.
struct OrderSpec {
  bool is_distinct = false;
  std::size_t argument_count = 0;
  std::vector<SortKey> keys;
};

std::string_view next_field(std::string_view& text, char end) {
  const std::size_t at = std::min(text.find(end), text.size());
  const std::string_view field = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return field;
}

template <typename Number>
Number to_number(std::string_view text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

OrderSpec read_order(std::string_view text) {
  OrderSpec order;
  const std::string_view head = next_field(text, ';');
  order.is_distinct = head.starts_with('d');
  order.argument_count = to_number<std::size_t>(head.substr(std::min<std::size_t>(1, head.size())));
  while (!text.empty()) {
    std::string_view field = next_field(text, ';');
    SortKey key;
    key.position = to_number<std::size_t>(next_field(field, ','));
    key.type = to_number<types::Oid>(next_field(field, ','));
    key.descending = next_field(field, ',') == "d";
    key.nulls_first = field == "f";
    order.keys.push_back(key);
  }
  return order;
}

struct OrderedGroup {
  const AggregateEntry* entry = nullptr;
  std::shared_ptr<const CallTypes> call;
  OrderSpec order;
  std::vector<Row> rows;
};

int compare_by(const types::IoContext& io, const SortKey& key, const Row& a, const Row& b) {
  const Value& left = a[key.position];
  const Value& right = b[key.position];
  if (left.is_null() || right.is_null()) {
    if (left.is_null() && right.is_null()) return 0;
    return left.is_null() == key.nulls_first ? -1 : 1;
  }
  const int order = types::compare(io, key.type, left, right);
  return key.descending ? -order : order;
}

int compare_rows(const types::IoContext& io, const std::vector<SortKey>& keys, const Row& a,
                 const Row& b) {
  for (const SortKey& key : keys) {
    if (const int order = compare_by(io, key, a, b)) return order;
  }
  return 0;
}

constexpr int ordered_head = 3;  // name, types, spec

void step_ordered(sqlite3_context* context, int count, sqlite3_value** values) {
  StoreContext& store = *static_cast<StoreContext*>(sqlite3_user_data(context));
  guarded(context, store, [&] {
    OrderedGroup& group = state_of<OrderedGroup>(context, [&] {
      auto made = std::make_unique<OrderedGroup>();
      const std::string_view name = to_value(values[0]).as_bytes();
      made->entry = functions::Registry::instance().find_aggregate(name);
      if (made->entry == nullptr) {
        throw SqlError(sqlstate::internal_error, "no aggregate " + std::string(name));
      }
      made->call = store.call_types(to_value(values[1]).as_bytes());
      made->order = read_order(to_value(values[2]).as_bytes());
      return made;
    });
    const ArgumentList list(count - ordered_head, values + ordered_head);
    group.rows.push_back(owned_row(list.span()));
  });
}

void finish_ordered(sqlite3_context* context) {
  StoreContext& store = *static_cast<StoreContext*>(sqlite3_user_data(context));
  guarded(context, store, [&] {
    const std::unique_ptr<OrderedGroup> group = take_state<OrderedGroup>(context);
    if (group == nullptr) {
      sqlite3_result_null(context);
      return;
    }
    Environment& environment = store.environment();
    const FunctionContext function_context{environment, environment.io(), *group->call};
    const auto& io = function_context.io;
    const OrderSpec& order = group->order;
    std::stable_sort(group->rows.begin(), group->rows.end(), [&](const Row& a, const Row& b) {
      return compare_rows(io, order.keys, a, b) < 0;
    });
    const std::unique_ptr<Aggregate> aggregate = make_aggregate(*group->entry, *group->call);
    const Row* previous = nullptr;
    for (const Row& row : group->rows) {
      // Equal rows lie together: the keys of a distinct aggregate cover every argument.
      const bool is_repeated = order.is_distinct && previous != nullptr &&
                               compare_rows(io, order.keys, *previous, row) == 0;
      previous = &row;
      if (is_repeated) continue;
      aggregate->step(function_context, std::span<const Value>(row).first(
                                            std::min(order.argument_count, row.size())));
    }
    set_result(context, aggregate->result(function_context));
  });
}

}  // namespace

void register_aggregates(StoreContext& store) {
  sqlite3* handle = store.connection().handle();
  auto owned = std::make_unique<Bindings>();
  Bindings& bindings = *owned;
  for (const AggregateEntry& entry : functions::Registry::instance().aggregates()) {
    bindings.push_back({&store, &entry});
  }
  check_registered(
      store.connection(),
      sqlite3_create_function_v2(
          handle, "dvecdb_aggregate_bindings", 0, SQLITE_UTF8, owned.release(),
          [](sqlite3_context* context, int, sqlite3_value**) { sqlite3_result_null(context); },
          nullptr, nullptr, [](void* p) { delete static_cast<Bindings*>(p); }));
  for (AggregateBinding& binding : bindings) {
    const std::string name(binding.entry->name);
    check_registered(store.connection(),
                     sqlite3_create_function_v2(handle, ("a_" + name).c_str(), -1, SQLITE_UTF8,
                                                &binding, nullptr, step<false>, finish, nullptr));
    check_registered(
        store.connection(),
        sqlite3_create_window_function(handle, ("w_" + name).c_str(), -1, SQLITE_UTF8, &binding,
                                       step<true>, finish, value_of_frame, leave_frame, nullptr));
  }
}

void register_ordered_aggregate(StoreContext& store) {
  check_registered(
      store.connection(),
      sqlite3_create_function_v2(store.connection().handle(), "ordered_aggregate", -1, SQLITE_UTF8,
                                 &store, nullptr, step_ordered, finish_ordered, nullptr));
}

}  // namespace dvecdb::server::exec
