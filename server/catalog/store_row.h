// A catalog row as the row store has it: one stored value a column.
#pragma once

#include <vector>

#include "server/catalog/row.h"

namespace dvecdb::server::catalog {

class StoreRow final : public Row {
 public:
  StoreRow(std::int64_t rowid, std::vector<types::Value> values)
      : rowid_(rowid), values_(std::move(values)) {}

  bool is_null(int column) const override { return value(column).is_null(); }
  std::string text(int column) const override;
  char character(int column) const override;
  std::int64_t integer(int column) const override;
  double real(int column) const override;
  std::vector<std::string> texts(int column) const override;
  std::vector<std::int64_t> integers(int column) const override;

  const types::Value& value(int column) const { return values_[column - 1]; }
  std::int64_t rowid() const { return rowid_; }

 private:
  std::int64_t rowid_;
  std::vector<types::Value> values_;
};

}  // namespace dvecdb::server::catalog
