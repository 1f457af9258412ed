// generate_series, one row at a time.
#include "server/functions/datetime_math.h"
#include "server/functions/families.h"
#include "server/functions/numbers.h"

namespace dvecdb::server::functions {

namespace {

[[noreturn]] void refuse(const std::string& message) {
  throw SqlError(sqlstate::invalid_parameter_value, message);
}

// Cancellation is asked for now and then.
class Series : public RowSource {
 public:
  bool next(const FunctionContext& context, std::vector<Value>& row) final {
    constexpr std::uint64_t rows_between_checks = 1024;
    if (++rows_ % rows_between_checks == 0) context.environment.check_cancel();
    row.resize(1);
    return advance(row[0]);
  }

 protected:
  virtual bool advance(Value& value) = 0;

 private:
  std::uint64_t rows_ = 0;
};

class IntegerSeries : public Series {
 public:
  IntegerSeries(std::int64_t start, std::int64_t stop, std::int64_t step)
      : next_(start), stop_(stop), step_(step) {
    if (step == 0) refuse("step size cannot equal zero");
  }

 protected:
  bool advance(Value& value) override {
    if (is_done_ || (step_ > 0 ? next_ > stop_ : next_ < stop_)) return false;
    value = Value::integer(next_);
    is_done_ = __builtin_add_overflow(next_, step_, &next_);
    return true;
  }

 private:
  std::int64_t next_;
  std::int64_t stop_;
  std::int64_t step_;
  bool is_done_ = false;
};

std::unique_ptr<RowSource> integer_series(const FunctionContext&, Arguments args) {
  const std::int64_t step = args.size() > 2 ? args[2].as_integer() : 1;
  return std::make_unique<IntegerSeries>(args[0].as_integer(), args[1].as_integer(), step);
}

class NumericSeries : public Series {
 public:
  NumericSeries(Numeric start, Numeric stop, Numeric step)
      : next_(std::move(start)), stop_(std::move(stop)), step_(std::move(step)) {
    check(next_, "start value");
    check(stop_, "stop value");
    check(step_, "step size");
    if (step_.is_zero()) refuse("step size cannot equal zero");
  }

 protected:
  bool advance(Value& value) override {
    const int order = Numeric::compare(next_, stop_);
    if (step_.sign() > 0 ? order > 0 : order < 0) return false;
    value = next_.to_value();
    next_ = Numeric::add(next_, step_);
    return true;
  }

 private:
  static void check(const Numeric& n, const std::string& what) {
    if (n.is_nan()) refuse(what + " cannot be NaN");
    if (n.is_infinite()) refuse(what + " cannot be infinity");
  }

  Numeric next_;
  Numeric stop_;
  Numeric step_;
};

std::unique_ptr<RowSource> numeric_series(const FunctionContext&, Arguments args) {
  return std::make_unique<NumericSeries>(Numeric::of(args[0]), Numeric::of(args[1]),
                                         args.size() > 2 ? Numeric::of(args[2]) : Numeric(1));
}

class TimestampSeries : public Series {
 public:
  // Without a zone the steps are taken on the timestamp as it is.
  TimestampSeries(std::int64_t start, std::int64_t stop, Interval step, const TimeZone* zone)
      : next_(start), stop_(stop), step_(step), zone_(zone) {
    direction_ = Interval::compare(step, Interval{});
    if (direction_ == 0) refuse("step size cannot equal zero");
  }

 protected:
  bool advance(Value& value) override {
    if (direction_ > 0 ? next_ > stop_ : next_ < stop_) return false;
    value = Value::integer(next_);
    next_ = zone_ == nullptr ? add_interval(next_, step_) : add_interval(next_, step_, *zone_);
    return true;
  }

 private:
  std::int64_t next_;
  std::int64_t stop_;
  Interval step_;
  const TimeZone* zone_;
  int direction_ = 0;
};

std::unique_ptr<RowSource> timestamp_series(const FunctionContext&, Arguments args) {
  return std::make_unique<TimestampSeries>(args[0].as_integer(), args[1].as_integer(),
                                           Interval::of(args[2]), nullptr);
}

std::unique_ptr<RowSource> timestamptz_series(const FunctionContext& context, Arguments args) {
  return std::make_unique<TimestampSeries>(args[0].as_integer(), args[1].as_integer(),
                                           Interval::of(args[2]),
                                           &types::session_time_zone(context.io.time_zone));
}

constexpr SetEntry table[] = {
    {"generate_series_int4", integer_series},
    {"generate_series_step_int4", integer_series},
    {"generate_series_int8", integer_series},
    {"generate_series_step_int8", integer_series},
    {"generate_series_numeric", numeric_series},
    {"generate_series_step_numeric", numeric_series},
    {"generate_series_timestamp", timestamp_series},
    {"generate_series_timestamptz", timestamptz_series},
};

}  // namespace

SetTable series_sets() {
  return table;
}

}  // namespace dvecdb::server::functions
