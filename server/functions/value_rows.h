// Row sources over values that are at hand.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "server/functions/function.h"

namespace dvecdb::server::functions {

// Rows of fixed width, made beforehand.
class ValueRows : public RowSource {
 public:
  ValueRows(std::vector<Value> values, std::size_t width)
      : values_(std::move(values)), width_(width) {
    for (Value& value : values_) value.own();
  }

  bool next(const FunctionContext&, std::vector<Value>& row) override {
    if (at_ >= values_.size()) return false;
    row.resize(width_);
    for (std::size_t i = 0; i < width_; ++i) row[i] = values_[at_ + i];
    at_ += width_;
    return true;
  }

 private:
  std::vector<Value> values_;
  std::size_t width_;
  std::size_t at_ = 0;
};

inline std::unique_ptr<RowSource> value_rows(std::vector<Value> values, std::size_t width = 1) {
  return std::make_unique<ValueRows>(std::move(values), width);
}

}  // namespace dvecdb::server::functions
