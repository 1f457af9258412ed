#pragma once

#include <cstdint>
#include <vector>

#include "extension/am/scan/row_values.h"
#include "extension/am/walk/page_walk.h"

namespace dvecdb::extension {

/// Puts the rows that walks have found in the order of their exact distances. A row is compared
/// exactly only when its turn may have come: when the nearest of those compared is not nearer than
/// the next estimate by several times what estimates were off so far. So fine codes cost hardly
/// more comparisons than rows are asked for.
///
/// Owns memory: belongs to a memory context (make_owned). Borrows what it is made of.
class RowOrder {
 public:
  RowOrder(PageWalk& walk, ScanCounters& counters, RowValues& rows)
      : walk_(walk), counters_(counters), rows_(rows) {}

  /// For rows to come; the value must remain.
  void begin(const Value& query);

  /// Takes what the walk has met, and clears it.
  void take_met();

  /// The next row; false when none waits. `distance` is in the scale of NodeCodes.
  bool next(ItemPointerData* tid, double* distance);

 private:
  struct Waiting {
    double distance;
    NodeId node;
    ItemPointerData tid;
  };

  void add_rows(const Met& met);
  std::uint8_t* read_more(const Met& met, std::size_t* bytes);
  void add(const Met& met, ItemPointerData tid);
  bool is_certain() const;
  void compare_next();
  bool read_value(const Waiting& row, Value* out);

  PageWalk& walk_;
  ScanCounters& counters_;
  RowValues& rows_;
  Value query_;
  std::vector<Waiting> estimated_;  // farthest first
  std::vector<Waiting> compared_;   // a heap, nearest on top
  double squared_errors_ = 0;
  std::size_t comparisons_ = 0;
};

}  // namespace dvecdb::extension
