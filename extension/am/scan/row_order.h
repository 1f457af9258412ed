#pragma once

#include <cstdint>
#include <vector>

#include "extension/am/scan/row_values.h"
#include "extension/am/walk/page_walk.h"

namespace dvecdb::extension {

/// Puts the rows that walks have found in the order of their exact distances. How far an estimate
/// may be off is known (RaBitQ, SIGMOD 2024), so a row is read and compared exactly only
/// where that leaves open which of two comes first: with fine codes seldom.
///
/// Owns memory: belongs to a memory context (make_owned). Borrows what it is made of.
class RowOrder {
 public:
  RowOrder(PageWalk& walk, ScanCounters& counters, RowValues& rows)
      : walk_(walk), counters_(counters), rows_(rows) {}

  /// For rows to come; the value must remain. `is_strict`: each distance that next() gives is
  /// exact.
  void begin(const Value& query, bool is_strict);

  /// Takes what the walk has met, and clears it.
  void take_met();

  /// The next row; false when none waits. `distance` is in the scale of NodeCodes.
  bool next(ItemPointerData* tid, double* distance);

  /// How many of the rows given since the last call the scan's snapshot sees.
  std::size_t count_visible();

 private:
  /// A node, and the rows that it stands for.
  struct Waiting {
    double distance;
    double error;  ///< that an estimate has hardly ever; 0 once compared
    NodeId node;
    std::size_t first_row;  ///< in rows_of_nodes_
    std::size_t row_count;
  };

  void add_rows(const Met& met);
  std::uint8_t* read_more(const Met& met, std::size_t* bytes);
  void add_row(ItemPointerData tid);
  enum class Turn { estimated, compared, open };
  bool next_node();
  Turn whose_turn() const;
  void compare_next();
  bool read_value(Waiting& one, Value* out);
  const ItemPointerData& nearest(std::size_t i) const;
  void prefetch_next();

  PageWalk& walk_;
  ScanCounters& counters_;
  RowValues& rows_;
  Value query_;
  bool is_strict_ = false;
  std::vector<Waiting> estimated_;  // farthest first
  std::vector<Waiting> compared_;   // a heap, nearest on top
  std::vector<ItemPointerData> rows_of_nodes_;
  std::vector<ItemPointerData> given_;
  Waiting current_{};  // whose rows are being given
};

}  // namespace dvecdb::extension
