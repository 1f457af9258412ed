#include <array>

#include "server/functions/families.h"
#include "server/types/array.h"
#include "server/types/error.h"
#include "server/types/type_catalog.h"

namespace dvecdb::server::functions {
namespace {

using types::Array;
using types::SqlError;
namespace sqlstate = types::sqlstate;

// array_agg of elements; no row: NULL.
class ElementArray : public Aggregate {
 public:
  explicit ElementArray(Oid element_type) : element_type_(element_type) {}

  void step(const FunctionContext&, std::span<const Value> arguments) override {
    elements_.push_back(arguments[0]);
    elements_.back().own();
  }
  Value result(const FunctionContext&) const override {
    if (elements_.empty()) return Value::null();
    return types::encode_array(types::make_array(element_type_, elements_));
  }

 private:
  Oid element_type_;
  std::vector<Value> elements_;
};

// array_agg of arrays of one shape: an array one dimension deeper.
class NestedArray : public Aggregate {
 public:
  void step(const FunctionContext&, std::span<const Value> arguments) override {
    if (arguments[0].is_null()) {
      throw SqlError(sqlstate::null_value_not_allowed, "cannot accumulate null arrays");
    }
    Array added = types::decode_array(arguments[0].as_bytes());
    if (added.dimensions.empty()) {
      throw SqlError(sqlstate::array_subscript_error, "cannot accumulate empty arrays");
    }
    if (count_ == 0) {
      joined_.element_type = added.element_type;
      joined_.dimensions = added.dimensions;
    }
    bool is_alike = joined_.dimensions.size() == added.dimensions.size();
    for (std::size_t i = 0; is_alike && i < added.dimensions.size(); ++i) {
      is_alike = joined_.dimensions[i].length == added.dimensions[i].length;
    }
    if (!is_alike) {
      throw SqlError(sqlstate::array_subscript_error,
                     "cannot accumulate arrays of different dimensionality");
    }
    ++count_;
    for (Value& element : added.elements) joined_.elements.push_back(element.own());
  }
  Value result(const FunctionContext&) const override {
    if (count_ == 0) return Value::null();
    Array result = joined_;
    result.dimensions.insert(result.dimensions.begin(), {count_, 1});
    return types::encode_array(result);
  }

 private:
  std::int32_t count_ = 0;
  Array joined_;  // `dimensions` are those of one element
};

// Which one is known only with the first row, when the type catalog is at hand.
class ArrayCollector : public Aggregate {
 public:
  explicit ArrayCollector(Oid type) : type_(type) {}

  void step(const FunctionContext& context, std::span<const Value> arguments) override {
    if (!collector_) {
      const types::TypeDesc* desc =
          context.io.types == nullptr ? nullptr : context.io.types->find_type(type_);
      if (desc != nullptr && desc->is_array) {
        collector_ = std::make_unique<NestedArray>();
      } else {
        collector_ = std::make_unique<ElementArray>(type_);
      }
    }
    collector_->step(context, arguments);
  }
  Value result(const FunctionContext& context) const override {
    return collector_ ? collector_->result(context) : Value::null();
  }

 private:
  Oid type_;
  std::unique_ptr<Aggregate> collector_;
};

std::unique_ptr<Aggregate> array_agg(const CallTypes& call) {
  return std::make_unique<ArrayCollector>(call.arguments.at(0).oid);
}

constexpr std::array entries{AggregateEntry{"array_agg", array_agg}};

}  // namespace

AggregateTable array_aggregates() {
  return entries;
}

}  // namespace dvecdb::server::functions
