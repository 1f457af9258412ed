#include "server/functions/vector_aggregates.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "dvecdb/half.h"
#include "server/functions/families.h"
#include "server/functions/float_errors.h"
#include "server/types/error.h"
#include "server/types/oids.h"
#include "server/types/vector_value.h"

namespace dvecdb::server::functions {
namespace {

const core::VectorType& vector_type_of(Oid type) {
  return type == types::oids::halfvec ? core::halfvec_type : core::vector_type;
}

std::vector<float> decode(Oid type, std::string_view bytes) {
  return type == types::oids::halfvec ? types::decode_halfvec(bytes) : types::decode_vector(bytes);
}

std::string encode(Oid type, const std::vector<float>& elements) {
  return type == types::oids::halfvec ? types::encode_halfvec(elements)
                                      : types::encode_vector(elements);
}

class VectorSum : public Aggregate {
 public:
  explicit VectorSum(Oid type) : type_(type) {}

  void step(const FunctionContext&, std::span<const Value> arguments) override {
    if (arguments[0].is_null()) return;
    std::vector<float> added = decode(type_, arguments[0].as_bytes());
    if (sum_.empty()) {
      sum_ = std::move(added);
      return;
    }
    if (sum_.size() != added.size()) {
      throw types::SqlError(types::sqlstate::data_exception,
                            fmt::format("different {} dimensions {} and {}",
                                        vector_type_of(type_).name, sum_.size(), added.size()));
    }
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] = rounded(sum_[i] + added[i]);
  }

  Value result(const FunctionContext&) const override {
    return sum_.empty() ? Value::null() : Value::blob(encode(type_, sum_));
  }

 private:
  float rounded(float value) const {
    if (type_ == types::oids::halfvec) {
      value = core::to_float(core::to_half(value));
    }
    if (std::isinf(value)) throw_float_overflow();
    return value;
  }

  Oid type_;
  std::vector<float> sum_;
};

class VectorAverage : public Aggregate {
 public:
  explicit VectorAverage(Oid type) : type_(type) {}

  void step(const FunctionContext&, std::span<const Value> arguments) override {
    if (arguments[0].is_null()) return;
    std::vector<float> added = decode(type_, arguments[0].as_bytes());
    if (count_ == 0) sum_.assign(added.size(), 0.0);
    types::check_expected_dimensions(static_cast<std::int32_t>(sum_.size()),
                                     static_cast<std::int64_t>(added.size()));
    ++count_;
    for (std::size_t i = 0; i < sum_.size(); ++i) sum_[i] += static_cast<double>(added[i]);
  }

  Value result(const FunctionContext&) const override {
    if (count_ == 0) return Value::null();
    std::vector<float> average;
    average.reserve(sum_.size());
    for (double sum : sum_) {
      average.push_back(static_cast<float>(sum / static_cast<double>(count_)));
      types::check_vector_element(vector_type_of(type_), average.back());
    }
    return Value::blob(encode(type_, average));
  }

 private:
  Oid type_;
  std::int64_t count_ = 0;
  std::vector<double> sum_;
};

}  // namespace

bool is_vector_type(Oid type) {
  return type == types::oids::vector || type == types::oids::halfvec;
}

std::unique_ptr<Aggregate> make_vector_sum(const CallTypes& call) {
  return std::make_unique<VectorSum>(call.arguments.at(0).oid);
}

std::unique_ptr<Aggregate> make_vector_avg(const CallTypes& call) {
  return std::make_unique<VectorAverage>(call.arguments.at(0).oid);
}

// All of the family goes through the factories of sum and avg.
AggregateTable vector_aggregates() {
  return {};
}

}  // namespace dvecdb::server::functions
