// Variance, standard deviation, correlation and regression.
#include "server/functions/aggregate_parts.h"
#include "server/functions/families.h"
#include "server/types/oids.h"

namespace dvecdb::server::functions {

namespace {

namespace oids = types::oids;

enum class Spread { var_pop, var_samp, stddev_pop, stddev_samp };
constexpr bool is_sample(Spread s) {
  return s == Spread::var_samp || s == Spread::stddev_samp;
}
constexpr bool is_root(Spread s) {
  return s == Spread::stddev_pop || s == Spread::stddev_samp;
}

template <Spread S>
class FloatSpread : public Aggregate {
 public:
  void step(const FunctionContext&, Arguments args) override {
    if (!args[0].is_null()) sums_.add(args[0].as_real());
  }
  Value result(const FunctionContext&) const override {
    const double divisor = is_sample(S) ? sums_.count - 1 : sums_.count;
    if (divisor <= 0) return Value::null();
    const double variance = sums_.squares / divisor;
    return real_result(is_root(S) ? std::sqrt(variance) : variance);
  }

 private:
  FloatSums sums_;
};

// Exact, from the sums of the numbers and of their squares.
template <Spread S>
class NumericSpread : public Aggregate {
 public:
  explicit NumericSpread(const CallTypes& call)
      : is_integer_(argument_type(call) != oids::numeric) {}

  void step(const FunctionContext&, Arguments args) override {
    if (args[0].is_null()) return;
    const Numeric v = is_integer_ ? Numeric(args[0].as_integer()) : Numeric::of(args[0]);
    ++count_;
    if (!v.is_finite()) {
      is_nan_ = true;
      return;
    }
    sum_ = Numeric::add(sum_, v);
    squares_ = Numeric::add(squares_, Numeric::mul_scaled(v, v, v.scale() * 2));
  }

  Value result(const FunctionContext&) const override {
    if (count_ == 0 || (is_sample(S) && count_ == 1)) return Value::null();
    if (is_nan_) return Numeric::nan().to_value();
    const Numeric n(count_);
    const int scale = sum_.scale() * 2;
    const Numeric distance = Numeric::sub(Numeric::mul_scaled(n, squares_, scale),
                                          Numeric::mul_scaled(sum_, sum_, scale));
    if (distance.sign() <= 0) return Numeric().to_value();
    const Numeric divisor = Numeric::mul_scaled(n, is_sample(S) ? Numeric(count_ - 1) : n, 0);
    const int result_scale = Numeric::division_scale(distance, divisor);
    const Numeric variance = Numeric::div_scaled(distance, divisor, result_scale, true);
    return (is_root(S) ? Numeric::sqrt_scaled(variance, result_scale) : variance).to_value();
  }

 private:
  bool is_integer_;
  bool is_nan_ = false;
  std::int64_t count_ = 0;
  Numeric sum_;
  Numeric squares_;
};

template <Spread S>
std::unique_ptr<Aggregate> make_spread(const CallTypes& call) {
  const Oid type = argument_type(call);
  if (type == oids::float4 || type == oids::float8) return std::make_unique<FloatSpread<S>>();
  return std::make_unique<NumericSpread<S>>(call);
}

// Sums over pairs (y, x).
struct PairSums {
  double count = 0;
  double sum_x = 0;
  double squares_x = 0;
  double sum_y = 0;
  double squares_y = 0;
  double products = 0;

  void add(double y, double x) {
    const PairSums old = *this;
    count += 1;
    sum_x += x;
    sum_y += y;
    if (old.count == 0) {
      constexpr double nan = std::numeric_limits<double>::quiet_NaN();
      if (!std::isfinite(x)) squares_x = products = nan;
      if (!std::isfinite(y)) squares_y = products = nan;
      return;
    }
    const double from_x = x * count - sum_x;
    const double from_y = y * count - sum_y;
    const double scale = 1.0 / (count * old.count);
    squares_x += from_x * from_x * scale;
    squares_y += from_y * from_y * scale;
    products += from_x * from_y * scale;
    check_overflow(old, y, x);
  }

 private:
  void check_overflow(const PairSums& old, double y, double x) {
    const bool is_infinite = std::isinf(sum_x) || std::isinf(squares_x) || std::isinf(sum_y) ||
                             std::isinf(squares_y) || std::isinf(products);
    if (!is_infinite) return;
    const bool had_infinite_x = std::isinf(old.sum_x) || std::isinf(x);
    const bool had_infinite_y = std::isinf(old.sum_y) || std::isinf(y);
    const bool is_overflow = ((std::isinf(sum_x) || std::isinf(squares_x)) && !had_infinite_x) ||
                             ((std::isinf(sum_y) || std::isinf(squares_y)) && !had_infinite_y) ||
                             (std::isinf(products) && !had_infinite_x && !had_infinite_y);
    if (is_overflow) refuse_overflow();
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    if (std::isinf(squares_x)) squares_x = nan;
    if (std::isinf(squares_y)) squares_y = nan;
    if (std::isinf(products)) products = nan;
  }
};

using PairResult = Value (*)(const PairSums&);

template <PairResult Result>
class PairAggregate : public Aggregate {
 public:
  void step(const FunctionContext&, Arguments args) override {
    if (args[0].is_null() || args[1].is_null()) return;
    sums_.add(args[0].as_real(), args[1].as_real());
  }
  Value result(const FunctionContext&) const override { return Result(sums_); }

 private:
  PairSums sums_;
};

// Counts pairs alone: numbers that are too great to sum up do not matter.
class PairCount : public Aggregate {
 public:
  void step(const FunctionContext&, Arguments args) override {
    if (!args[0].is_null() && !args[1].is_null()) ++count_;
  }
  Value result(const FunctionContext&) const override { return Value::integer(count_); }

 private:
  std::int64_t count_ = 0;
};

Value unless_empty(const PairSums& s, double v) {
  return s.count < 1 ? Value::null() : real_result(v);
}

Value regr_sxx(const PairSums& s) {
  return unless_empty(s, s.squares_x);
}
Value regr_syy(const PairSums& s) {
  return unless_empty(s, s.squares_y);
}
Value regr_sxy(const PairSums& s) {
  return unless_empty(s, s.products);
}
Value regr_avgx(const PairSums& s) {
  return unless_empty(s, s.sum_x / s.count);
}
Value regr_avgy(const PairSums& s) {
  return unless_empty(s, s.sum_y / s.count);
}
Value covar_pop(const PairSums& s) {
  return unless_empty(s, s.products / s.count);
}
Value covar_samp(const PairSums& s) {
  return s.count < 2 ? Value::null() : real_result(s.products / (s.count - 1));
}
Value corr(const PairSums& s) {
  if (s.count < 1 || s.squares_x == 0 || s.squares_y == 0) return Value::null();
  return real_result(s.products / std::sqrt(s.squares_x * s.squares_y));
}
Value regr_r2(const PairSums& s) {
  if (s.count < 1 || s.squares_x == 0) return Value::null();
  if (s.squares_y == 0) return Value::real(1);
  return real_result((s.products * s.products) / (s.squares_x * s.squares_y));
}
Value regr_slope(const PairSums& s) {
  if (s.count < 1 || s.squares_x == 0) return Value::null();
  return real_result(s.products / s.squares_x);
}
Value regr_intercept(const PairSums& s) {
  if (s.count < 1 || s.squares_x == 0) return Value::null();
  return real_result((s.sum_y - s.sum_x * s.products / s.squares_x) / s.count);
}

constexpr AggregateEntry table[] = {
    {"var_pop", make_spread<Spread::var_pop>},
    {"var_samp", make_spread<Spread::var_samp>},
    {"variance", make_spread<Spread::var_samp>},
    {"stddev_pop", make_spread<Spread::stddev_pop>},
    {"stddev_samp", make_spread<Spread::stddev_samp>},
    {"stddev", make_spread<Spread::stddev_samp>},
    {"regr_count", make_aggregate<PairCount>},
    {"regr_sxx", make_aggregate<PairAggregate<regr_sxx>>},
    {"regr_syy", make_aggregate<PairAggregate<regr_syy>>},
    {"regr_sxy", make_aggregate<PairAggregate<regr_sxy>>},
    {"regr_avgx", make_aggregate<PairAggregate<regr_avgx>>},
    {"regr_avgy", make_aggregate<PairAggregate<regr_avgy>>},
    {"regr_r2", make_aggregate<PairAggregate<regr_r2>>},
    {"regr_slope", make_aggregate<PairAggregate<regr_slope>>},
    {"regr_intercept", make_aggregate<PairAggregate<regr_intercept>>},
    {"covar_pop", make_aggregate<PairAggregate<covar_pop>>},
    {"covar_samp", make_aggregate<PairAggregate<covar_samp>>},
    {"corr", make_aggregate<PairAggregate<corr>>},
};

}  // namespace

AggregateTable statistics_aggregates() {
  return table;
}

}  // namespace dvecdb::server::functions
