// percentile_cont, percentile_disc, mode. The caller feeds the rows in the order of WITHIN GROUP;
// the direct argument (the fraction) comes first in every step.
#include <fmt/format.h>

#include "server/functions/aggregate_parts.h"
#include "server/functions/datetime_math.h"
#include "server/functions/families.h"
#include "server/types/array.h"
#include "server/types/oids.h"

namespace dvecdb::server::functions {

namespace {

namespace oids = types::oids;

// Rows of the group; fractions may be one number or an array of them.
class Percentile : public Aggregate {
 public:
  explicit Percentile(const CallTypes& call)
      : type_(argument_type(call, 1)), is_array_(argument_type(call) == oids::float8_array) {}

  void step(const FunctionContext&, Arguments args) override {
    fraction_ = args[0];
    fraction_.own();
    if (args[1].is_null()) return;
    rows_.push_back(args[1]);
    rows_.back().own();
  }

  Value result(const FunctionContext&) const override {
    if (rows_.empty() || fraction_.is_null()) return Value::null();
    if (!is_array_) return at(checked(fraction_.as_real()));
    types::Array fractions = types::decode_array(fraction_.as_bytes());
    types::Array out;
    out.element_type = type_;
    out.dimensions = fractions.dimensions;
    for (const Value& fraction : fractions.elements) {
      out.elements.push_back(fraction.is_null() ? Value::null() : at(checked(fraction.as_real())));
    }
    return types::encode_array(out);
  }

 protected:
  virtual Value at(double fraction) const = 0;

  Oid type_;
  std::vector<Value> rows_;

 private:
  static double checked(double fraction) {
    if (!(fraction >= 0 && fraction <= 1)) {
      const std::string shown = std::isnan(fraction) ? "NaN" : fmt::format("{:g}", fraction);
      throw SqlError(sqlstate::numeric_value_out_of_range,
                     "percentile value " + shown + " is not between 0 and 1");
    }
    return fraction;
  }

  bool is_array_;
  Value fraction_;
};

class DiscretePercentile : public Percentile {
 public:
  using Percentile::Percentile;

 protected:
  Value at(double fraction) const override {
    const auto row =
        static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(rows_.size())));
    return rows_[row == 0 ? 0 : row - 1];
  }
};

class ContinuousPercentile : public Percentile {
 public:
  using Percentile::Percentile;

 protected:
  Value at(double fraction) const override {
    const double place = fraction * static_cast<double>(rows_.size() - 1);
    const Value& low = rows_[static_cast<std::size_t>(std::floor(place))];
    const Value& high = rows_[static_cast<std::size_t>(std::ceil(place))];
    const double part = place - std::floor(place);
    if (part == 0) return low;
    if (type_ != oids::interval) {
      return real_result(low.as_real() + part * (high.as_real() - low.as_real()));
    }
    const Interval from = Interval::of(low);
    return Interval::add(multiply(Interval::sub(Interval::of(high), from), part), from).to_value();
  }
};

// Equal values come one after the other; the first of the longest run wins.
class Mode : public Aggregate {
 public:
  explicit Mode(const CallTypes& call) : type_(argument_type(call)) {}

  void step(const FunctionContext& context, Arguments args) override {
    const Value& v = args.back();
    if (v.is_null()) return;
    if (run_ == 0 || types::compare(context.io, type_, v, current_) != 0) {
      current_ = v;
      current_.own();
      run_ = 0;
    }
    if (++run_ > best_run_) {
      best_run_ = run_;
      best_ = current_;
    }
  }
  Value result(const FunctionContext&) const override { return best_; }

 private:
  Oid type_;
  Value current_;
  Value best_;
  std::int64_t run_ = 0;
  std::int64_t best_run_ = 0;
};

constexpr AggregateEntry table[] = {
    {"percentile_cont", make_typed_aggregate<ContinuousPercentile>},
    {"percentile_disc", make_typed_aggregate<DiscretePercentile>},
    {"mode", make_typed_aggregate<Mode>},
};

}  // namespace

AggregateTable ordered_set_aggregates() {
  return table;
}

}  // namespace dvecdb::server::functions
