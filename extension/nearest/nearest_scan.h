// The exact search: one pass over a table that keeps the nearest rows.
//
// PostgreSQL would make a tuple of every row and its distance and hand it to a sort that keeps the
// nearest. This scan compares the distance first, and forms a row only when it is returned.
#pragma once

#include "extension/postgres.h"

extern "C" {
#include <nodes/extensible.h>
}

namespace dvecdb::extension {

// What the planner decided: at most `count` rows, by `order`, an expression of type double
// precision. NaN and then null come last, as in PostgreSQL's order.
struct NearestPlan {
  int count;
  Expr* order;
};

// Fills the parts of `scan` that are the scan's own.
void set_nearest_plan(CustomScan* scan, const NearestPlan& plan);

// Makes the scan known to PostgreSQL; once a process.
void register_nearest_scan_methods();

}  // namespace dvecdb::extension
