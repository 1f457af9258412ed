#pragma once

namespace dvecdb::extension {

/// Lets plans leave out distances that nobody reads; once a process, from _PG_init.
///
/// A query that orders by a distance has it as a hidden column of its plan, for a Sort to compare,
/// and an index scan computes it of each row that it gives, though it has given the rows in order:
/// that reads the row's vector, out of line if it is long. Where nothing is above the scan but a
/// LIMIT, what is hidden is dropped unread, so it becomes NULL (EXPLAIN (VERBOSE) shows it).
void register_unread_distances();

}  // namespace dvecdb::extension
