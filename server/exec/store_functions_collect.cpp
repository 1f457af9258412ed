// Aggregates that the lowering uses for sublinks: single_row, bool_any, bool_all, array_build,
// array_rebuild.
#include "server/exec/store_functions_array.h"
#include "server/exec/store_functions_call.h"
#include "server/types/array.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::Array;
using types::Oid;
using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

using Arguments = std::span<const Value>;

// single_row(x): the value of the only row; NULL for none; an error for more.
class SingleRow {
 public:
  void step(Arguments arguments) {
    if (seen_) {
      throw SqlError(sqlstate::cardinality_violation,
                     "more than one row returned by a subquery used as an expression");
    }
    seen_ = true;
    value_ = arguments[0];
    value_.own();
  }
  Value result() { return std::move(value_); }
  static Value empty() { return {}; }

 private:
  bool seen_ = false;
  Value value_;
};

// bool_any(b): x op ANY (...); bool_all(b): x op ALL (...), in three-valued logic.
template <bool decisive>
class Quantified {
 public:
  void step(Arguments arguments) {
    if (arguments[0].is_null()) {
      has_null_ = true;
    } else if (arguments[0].as_boolean() == decisive) {
      is_decided_ = true;
    }
  }
  Value result() {
    if (is_decided_) return Value::boolean(decisive);
    return has_null_ ? Value() : Value::boolean(!decisive);
  }
  static Value empty() { return Value::boolean(!decisive); }

 private:
  bool is_decided_ = false;
  bool has_null_ = false;
};

// array_build(element type, is_nested, x): ARRAY(SELECT ...); no rows: NULL.
class ArrayBuild {
 public:
  void step(Arguments arguments) {
    element_ = static_cast<Oid>(arguments[0].as_integer());
    is_nested_ = arguments[1].as_boolean();
    values_.push_back(arguments[2]);
    values_.back().own();
  }
  Value result() {
    if (is_nested_) return nest_arrays(element_, values_);
    return types::encode_array(types::make_array(element_, std::move(values_)));
  }
  static Value empty() { return {}; }

 private:
  Oid element_ = types::invalid_oid;
  bool is_nested_ = false;
  std::vector<Value> values_;
};

// array_rebuild(element type, array, x): the array's shape with the elements x; no rows: NULL.
class ArrayRebuild {
 public:
  void step(Arguments arguments) {
    if (values_.empty()) {
      element_ = static_cast<Oid>(arguments[0].as_integer());
      shape_ = arguments[1];
      shape_.own();
    }
    values_.push_back(arguments[2]);
    values_.back().own();
  }
  Value result() {
    if (shape_.is_null()) return {};
    Array array = types::decode_array(shape_.as_bytes());
    if (array.elements.size() != values_.size()) return {};
    array.element_type = element_;
    array.elements = std::move(values_);
    return types::encode_array(array);
  }
  static Value empty() { return {}; }

 private:
  Oid element_ = types::invalid_oid;
  Value shape_;
  std::vector<Value> values_;
};

template <typename State>
void step(sqlite3_context* context, int count, sqlite3_value** values) {
  StoreContext& store = *static_cast<StoreContext*>(sqlite3_user_data(context));
  guarded(context, store, [&] {
    auto** slot = static_cast<State**>(sqlite3_aggregate_context(context, sizeof(State*)));
    if (slot == nullptr) throw std::bad_alloc();
    if (*slot == nullptr) *slot = std::make_unique<State>().release();
    const ArgumentList list(count, values);
    (*slot)->step(list.span());
  });
}

template <typename State>
void finish(sqlite3_context* context) {
  StoreContext& store = *static_cast<StoreContext*>(sqlite3_user_data(context));
  guarded(context, store, [&] {
    auto** slot = static_cast<State**>(sqlite3_aggregate_context(context, 0));
    const std::unique_ptr<State> state(slot == nullptr ? nullptr : std::exchange(*slot, nullptr));
    set_result(context, state == nullptr ? State::empty() : state->result());
  });
}

template <typename State>
void add(StoreContext& store, const char* name) {
  check_registered(store.connection(), sqlite3_create_function_v2(
                                           store.connection().handle(), name, -1, SQLITE_UTF8,
                                           &store, nullptr, step<State>, finish<State>, nullptr));
}

}  // namespace

void register_helper_aggregates(StoreContext& store) {
  add<SingleRow>(store, "single_row");
  add<Quantified<true>>(store, "bool_any");
  add<Quantified<false>>(store, "bool_all");
  add<ArrayBuild>(store, "array_build");
  add<ArrayRebuild>(store, "array_rebuild");
}

}  // namespace dvecdb::server::exec
