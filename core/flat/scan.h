#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "core/flat/selection.h"
#include "core/flat/workers.h"
#include "core/top_k.h"

namespace dvecdb::core {

/// Rows that lie apart are prefetched so many before their turn: enough for memory to always
/// have requests to answer.
inline std::size_t rows_ahead(std::size_t dims) {
  constexpr std::size_t kAheadBytes = 4096;
  return 1 + kAheadBytes / (dims * sizeof(float));
}

inline void prefetch_row(const float* row, std::size_t dims) {
  constexpr std::size_t kLine = 64 / sizeof(float);
  for (std::size_t i = 0; i < dims; i += kLine) __builtin_prefetch(row + i);
}

/// Calls visit(position, sum) for the rows [first, end) of a selection, in order.
template <class Visit>
void scan_part(const Selection& rows, const QueryMetric& measure, std::size_t first,
               std::size_t end, const Visit& visit) {
  const RowStore& store = rows.store();
  if (rows.is_all()) {
    while (first < end) {
      const std::size_t run_end = std::min(end, store.run_end(first));
      const float* row = store.row(first);
      for (; first < run_end; ++first, row += store.dims()) visit(first, measure.sum(row));
    }
    return;
  }
  const std::size_t ahead = rows_ahead(store.dims());
  for (std::size_t i = first; i < std::min(end, first + ahead); ++i) {
    prefetch_row(store.row(rows.position(i)), store.dims());
  }
  for (std::size_t i = first; i < end; ++i) {
    if (i + ahead < end) prefetch_row(store.row(rows.position(i + ahead)), store.dims());
    visit(rows.position(i), measure.sum(store.row(rows.position(i))));
  }
}

/// Rows that a thread takes at a time: enough to be worth the asking.
inline std::size_t rows_per_part(std::size_t dims) {
  constexpr std::size_t kPartBytes = std::size_t{256} << 10;
  return std::max<std::size_t>(kPartBytes / (dims * sizeof(float)), 1);
}

/// As many threads as were allowed and have something to do.
inline std::size_t useful_threads(std::size_t allowed, std::size_t rows, std::size_t dims) {
  constexpr std::size_t kPartsPerThread = 4;  // starting a thread costs as much as reading them
  const std::size_t parts = rows / rows_per_part(dims);
  return std::max<std::size_t>(1, std::min(allowed, parts / kPartsPerThread));
}

/// Scans a selection on several threads. `make()` gives each thread a visitor of its own, called
/// as by scan_part; the visitors are returned.
template <class Make>
auto scan(const Selection& rows, const QueryMetric& measure, std::size_t threads,
          const Make& make) {
  const std::size_t dims = rows.store().dims();
  const std::size_t per_part = rows_per_part(dims);
  WorkList parts((rows.size() + per_part - 1) / per_part);
  std::vector<decltype(make())> visitors;
  for (std::size_t i = useful_threads(threads, rows.size(), dims); i > 0; --i) {
    visitors.push_back(make());
  }
  work_on_threads(visitors.size(), [&](std::size_t thread) {
    auto& visitor = visitors[thread];
    const auto visit = [&](std::size_t position, float sum) { visitor.visit(position, sum); };
    for (std::size_t part; parts.take(part);) {
      scan_part(rows, measure, part * per_part, std::min(rows.size(), (part + 1) * per_part),
                visit);
    }
  });
  return visitors;
}

}  // namespace dvecdb::core
