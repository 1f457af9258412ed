// sum, avg, min, max and the aggregates of bits and truth values.
#include "server/functions/aggregate_parts.h"
#include "server/functions/datetime_math.h"
#include "server/functions/families.h"
#include "server/functions/vector_aggregates.h"
#include "server/types/interval.h"
#include "server/types/oids.h"

namespace dvecdb::server::functions {

namespace {

namespace oids = types::oids;
using types::Int128;

// --- sum

class Int8Sum : public Aggregate {
 public:
  void step(const FunctionContext&, Arguments args) override {
    if (args[0].is_null()) return;
    if (__builtin_add_overflow(sum_, args[0].as_integer(), &sum_)) {
      refuse_integer_range<std::int64_t>();
    }
    is_empty_ = false;
  }
  Value result(const FunctionContext&) const override {
    return is_empty_ ? Value::null() : Value::integer(sum_);
  }

 private:
  std::int64_t sum_ = 0;
  bool is_empty_ = true;
};

// Of any integers, exactly.
class WideSum : public Aggregate {
 public:
  void step(const FunctionContext&, Arguments args) override {
    if (args[0].is_null()) return;
    sum_ += args[0].as_integer();
    ++count_;
  }
  Value result(const FunctionContext&) const override {
    return count_ == 0 ? Value::null() : Numeric::from_int128(sum_).to_value();
  }

 protected:
  Int128 sum_ = 0;
  std::int64_t count_ = 0;
};

class IntegerAverage : public WideSum {
 public:
  Value result(const FunctionContext&) const override {
    if (count_ == 0) return Value::null();
    return Numeric::div(Numeric::from_int128(sum_), Numeric(count_)).to_value();
  }
};

class NumericSum : public Aggregate {
 public:
  void step(const FunctionContext&, Arguments args) override {
    if (args[0].is_null()) return;
    sum_ = Numeric::add(sum_, Numeric::of(args[0]));
    ++count_;
  }
  Value result(const FunctionContext&) const override {
    return count_ == 0 ? Value::null() : sum_.to_value();
  }

 protected:
  Numeric sum_;
  std::int64_t count_ = 0;
};

class NumericAverage : public NumericSum {
 public:
  Value result(const FunctionContext&) const override {
    return count_ == 0 ? Value::null() : Numeric::div(sum_, Numeric(count_)).to_value();
  }
};

template <typename Float>
class FloatSum : public Aggregate {
 public:
  void step(const FunctionContext&, Arguments args) override {
    if (args[0].is_null()) return;
    const auto v = static_cast<Float>(args[0].as_real());
    const Float sum = is_empty_ ? v : sum_ + v;
    if (std::isinf(sum) && !std::isinf(sum_) && !std::isinf(v)) refuse_overflow();
    sum_ = sum;
    is_empty_ = false;
  }
  Value result(const FunctionContext&) const override {
    return is_empty_ ? Value::null() : real_result(static_cast<double>(sum_));
  }

 private:
  Float sum_ = 0;
  bool is_empty_ = true;
};

class FloatAverage : public Aggregate {
 public:
  void step(const FunctionContext&, Arguments args) override {
    if (!args[0].is_null()) sums_.add(args[0].as_real());
  }
  Value result(const FunctionContext&) const override {
    return sums_.count == 0 ? Value::null() : real_result(sums_.sum / sums_.count);
  }

 private:
  FloatSums sums_;
};

class IntervalSum : public Aggregate {
 public:
  void step(const FunctionContext&, Arguments args) override {
    if (args[0].is_null()) return;
    sum_ = Interval::add(sum_, Interval::of(args[0]));
    ++count_;
  }
  Value result(const FunctionContext&) const override {
    return count_ == 0 ? Value::null() : sum_.to_value();
  }

 protected:
  Interval sum_;
  std::int64_t count_ = 0;
};

class IntervalAverage : public IntervalSum {
 public:
  Value result(const FunctionContext&) const override {
    if (count_ == 0) return Value::null();
    return divide(sum_, static_cast<double>(count_)).to_value();
  }
};

std::unique_ptr<Aggregate> make_sum(const CallTypes& call) {
  switch (argument_type(call)) {
    case oids::int2:
    case oids::int4:
      return std::make_unique<Int8Sum>();
    case oids::int8:
      return std::make_unique<WideSum>();
    case oids::float4:
      return std::make_unique<FloatSum<float>>();
    case oids::float8:
      return std::make_unique<FloatSum<double>>();
    case oids::interval:
      return std::make_unique<IntervalSum>();
    case oids::numeric:
      return std::make_unique<NumericSum>();
    default:
      return is_vector_type(argument_type(call)) ? make_vector_sum(call) : nullptr;
  }
}

std::unique_ptr<Aggregate> make_average(const CallTypes& call) {
  switch (argument_type(call)) {
    case oids::int2:
    case oids::int4:
    case oids::int8:
      return std::make_unique<IntegerAverage>();
    case oids::float4:
    case oids::float8:
      return std::make_unique<FloatAverage>();
    case oids::interval:
      return std::make_unique<IntervalAverage>();
    case oids::numeric:
      return std::make_unique<NumericAverage>();
    default:
      return is_vector_type(argument_type(call)) ? make_vector_avg(call) : nullptr;
  }
}

// --- min, max: of any type with an order

template <int Wanted>
class Extreme : public Aggregate {
 public:
  explicit Extreme(const CallTypes& call) : type_(argument_type(call)) {}

  void step(const FunctionContext& context, Arguments args) override {
    if (args[0].is_null()) return;
    // Of equal values the last one counts: 1.0 then 1.00 gives 1.00.
    if (!best_.is_null() && types::compare(context.io, type_, args[0], best_) * Wanted < 0) {
      return;
    }
    best_ = args[0];
    best_.own();
  }
  Value result(const FunctionContext&) const override { return best_; }

 private:
  Oid type_;
  Value best_;
};

// --- truth values and bits

enum class BitOperation { and_, or_, xor_ };

template <BitOperation O, typename T>
T combine(T a, T b) {
  if constexpr (O == BitOperation::and_) return static_cast<T>(a & b);
  if constexpr (O == BitOperation::or_) return static_cast<T>(a | b);
  return static_cast<T>(a ^ b);
}

template <BitOperation O>
class IntegerBits : public Aggregate {
 public:
  void step(const FunctionContext&, Arguments args) override {
    if (args[0].is_null()) return;
    const std::int64_t v = args[0].as_integer();
    bits_ = is_empty_ ? v : combine<O>(bits_, v);
    is_empty_ = false;
  }
  Value result(const FunctionContext&) const override {
    return is_empty_ ? Value::null() : Value::integer(bits_);
  }

 private:
  std::int64_t bits_ = 0;
  bool is_empty_ = true;
};

// Of bit strings: a length, then the bits.
template <BitOperation O>
class StringBits : public Aggregate {
 public:
  void step(const FunctionContext&, Arguments args) override {
    if (args[0].is_null()) return;
    const std::string_view v = args[0].as_bytes();
    constexpr std::size_t length_bytes = 4;
    if (bits_.empty()) {
      bits_ = v;
      return;
    }
    if (v.substr(0, length_bytes) != std::string_view(bits_).substr(0, length_bytes)) {
      constexpr const char* names[] = {"AND", "OR", "XOR"};
      throw SqlError(
          sqlstate::string_data_length_mismatch,
          std::string("cannot ") + names[static_cast<int>(O)] + " bit strings of different sizes");
    }
    for (std::size_t i = length_bytes; i < bits_.size() && i < v.size(); ++i) {
      bits_[i] = combine<O>(bits_[i], v[i]);
    }
  }
  Value result(const FunctionContext&) const override {
    return bits_.empty() ? Value::null() : Value::blob(bits_);
  }

 private:
  std::string bits_;
};

template <BitOperation O>
std::unique_ptr<Aggregate> make_bits(const CallTypes& call) {
  if (argument_type(call) == oids::bit) return std::make_unique<StringBits<O>>();
  return std::make_unique<IntegerBits<O>>();
}

constexpr AggregateEntry table[] = {
    {"sum", make_sum},
    {"avg", make_average},
    {"min", make_typed_aggregate<Extreme<-1>>},
    {"max", make_typed_aggregate<Extreme<1>>},
    {"bool_and", make_aggregate<IntegerBits<BitOperation::and_>>},
    {"every", make_aggregate<IntegerBits<BitOperation::and_>>},
    {"bool_or", make_aggregate<IntegerBits<BitOperation::or_>>},
    {"bit_and", make_bits<BitOperation::and_>},
    {"bit_or", make_bits<BitOperation::or_>},
    {"bit_xor", make_bits<BitOperation::xor_>},
};

}  // namespace

AggregateTable number_aggregates() {
  return table;
}

}  // namespace dvecdb::server::functions
