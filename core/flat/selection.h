#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/flat/row_store.h"
#include "dvecdb/neighbor.h"

namespace dvecdb::core {

/// The rows that pass a filter: all of a store, or those at some positions. Borrows the store.
class Selection {
 public:
  /// Asks the filter about every row that may pass, here and now.
  Selection(const RowStore& store, const Filter& filter);

  std::size_t size() const { return is_all_ ? store_->size() : positions_.size(); }
  bool is_all() const { return is_all_; }
  const RowStore& store() const { return *store_; }
  std::size_t position(std::size_t i) const { return is_all_ ? i : positions_[i]; }

 private:
  const RowStore* store_;
  bool is_all_;
  std::vector<std::uint32_t> positions_;
};

}  // namespace dvecdb::core
