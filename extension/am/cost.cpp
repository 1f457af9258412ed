#include <algorithm>
#include <cmath>
#include <limits>

#include "extension/am/methods.h"
#include "extension/am/options.h"
#include "extension/am/pages/index.h"
#include "extension/am/settings.h"

extern "C" {
#include <access/genam.h>
#include <access/heaptoast.h>
#include <nodes/pathnodes.h>
#include <optimizer/cost.h>
#include <optimizer/optimizer.h>
#include <utils/spccache.h>
}

namespace dvecdb::extension {
namespace {

/// Of a node's links, those that lead to nodes not met before while a walk begins. Later each
/// node is met once, so that expansions and newly met nodes come out even.
constexpr double kNewLinks = 0.6;

/// Expansions on each upper level, and exact distances that are taken of candidates that are not
/// returned, for each candidate kept: both as measured.
constexpr double kExpansionsPerLevel = 3.0;
constexpr double kRerankedShare = 0.25;

/// Where walks begin pages are in use all the time: of the price of a page in order. Measured: a
/// twentieth of what an exact scan takes a page; more, so that exact plans win where it is close.
constexpr double kWarmShare = 0.25;

/// Pages for each row beyond the candidates: walks that go on expand several nodes for a row that
/// is returned, and compare each. Measured: 5 us a row, 14 times what a row takes that another
/// index has found.
constexpr double kPagesPerFurtherRow = 6.0;

/// The price of exact plans leaves out reading TOAST, so ours is lowered in proportion, but not
/// beyond this.
constexpr double kLeastVisibleShare = 0.1;

/// What an index is, as far as costs go.
struct Figures {
  double tuples;
  double pages;
  double m;
  bool has_rows;        ///< neighbors' codes lie together, so they cost one page
  double vector_bytes;  ///< of a value in the table
};

double element_bytes(ElementKind kind) {
  switch (kind) {
    case ElementKind::single:
      return 4;
    case ElementKind::half:
      return 2;
    case ElementKind::bit:
      return 1.0 / 8;
    case ElementKind::sparse:
      return 0;  // their length says nothing of what is stored
  }
  return 0;
}

Figures figures_of(const IndexOptInfo& index) {
  Figures figures = {};
  figures.tuples = std::max(index.tuples, 1.0);
  figures.pages = std::max<double>(index.pages, 1.0);
  figures.m = HnswOptions().m;
  figures.has_rows = true;
  if (index.hypothetical) {
    return figures;
  }
  const Relation relation = index_open(index.indexoid, NoLock);  // the planner holds a lock
  const IndexShape shape = read_meta(relation).shape;
  index_close(relation, NoLock);
  figures.m = shape.m;
  figures.has_rows = shape.neighbor_bits > 0;
  figures.vector_bytes = shape.dims * element_bytes(shape.element);
  return figures;
}

/// A page out of the cache costs what one read in order does; the share of an index that does
/// not fit there is read at random.
double page_price(Oid tablespace, double pages) {
  double random_price;
  double ordered_price;
  get_tablespace_page_costs(tablespace, &random_price, &ordered_price);
  const double cached = std::min(1.0, effective_cache_size / std::max(pages, 1.0));
  return cached * ordered_price + (1 - cached) * random_price;
}

/// What the planner sees of the pages that an exact search reads.
double visible_share(const RelOptInfo& table, const Figures& figures) {
  if (figures.vector_bytes < static_cast<double>(TOAST_TUPLE_THRESHOLD)) {
    return 1;
  }
  const double seen = std::max<double>(table.pages, 1.0);
  const double unseen = table.tuples * figures.vector_bytes / BLCKSZ;
  return std::max(seen / (seen + unseen), kLeastVisibleShare);
}

double code_price(const Figures& figures) {
  return 2 * figures.m * cpu_operator_cost;
}

/// Each of `loops` equal walks that expand `nodes` nodes each.
Cost walk_cost(PlannerInfo* root, const Figures& figures, double nodes, double loops,
               double price) {
  const double pages_per_node = figures.has_rows ? 2 : 1 + 2 * figures.m * kNewLinks;
  const auto all_pages = static_cast<BlockNumber>(figures.pages);
  const double touched =
      index_pages_fetched(nodes * pages_per_node * loops, all_pages, figures.pages, root) / loops;
  return touched * price * kWarmShare + nodes * (code_price(figures) + cpu_index_tuple_cost);
}

Cost descent_cost(const Figures& figures) {
  const double levels = std::log(figures.tuples) / std::log(figures.m);
  return levels * kExpansionsPerLevel * figures.m * cpu_operator_cost;
}

Cost rerank_cost(const RelOptInfo& table, double candidates) {
  const double fetch = page_price(table.reltablespace, table.pages) + cpu_tuple_cost;
  return candidates * kRerankedShare * (fetch + cpu_operator_cost);
}

double matching_rows(const IndexPath* path) {
  const ParamPathInfo* parameters = path->path.param_info;
  return parameters != nullptr ? parameters->ppi_rows : path->path.parent->rows;
}

/// How many rows a scan is expected to return until LIMIT is reached; all if that is not known.
double rows_drawn(const PlannerInfo* root, const IndexPath* path, const Figures& figures) {
  const bool is_alone = bms_membership(root->all_baserels) == BMS_SINGLETON;
  if (!is_alone || root->limit_tuples <= 0) {
    return figures.tuples;
  }
  const double share = std::min(1.0, matching_rows(path) / figures.tuples);
  return std::clamp(root->limit_tuples / share, 1.0, figures.tuples);
}

/// Whether a clause compares the distance that the scan orders by: the rows that pass come first.
bool is_of_order(const RestrictInfo* restriction, const List* orders) {
  if (!IsA(restriction->clause, OpExpr)) {
    return false;
  }
  ListCell* argument;
  foreach (argument, reinterpret_cast<OpExpr*>(restriction->clause)->args) {
    if (list_member(orders, lfirst(argument))) {
      return true;
    }
  }
  return false;
}

/// The clauses that leave out rows of those that the scan returns, wherever they come in order.
List* thinning_clauses(const IndexPath* path) {
  List* clauses = NIL;
  ListCell* cell;
  foreach (cell, path->indexinfo->indrestrictinfo) {
    auto* restriction = static_cast<RestrictInfo*>(lfirst(cell));
    if (!is_of_order(restriction, path->indexorderbys)) {
      clauses = lappend(clauses, restriction);
    }
  }
  if (path->path.param_info != nullptr) {
    clauses = list_concat(clauses, path->path.param_info->ppi_clauses);
  }
  return clauses;
}

/// Whether a filter is expected to leave fewer rows of those that a scan can reach than are
/// wanted, although there are more.
bool misses_rows(PlannerInfo* root, const IndexPath* path, const Figures& figures) {
  List* clauses = thinning_clauses(path);
  const bool goes_on = settings().iterative_scan != static_cast<int>(IterativeScan::off);
  const double reach = std::max(settings().ef_search, goes_on ? settings().max_scan_tuples : 0);
  if (clauses == NIL || reach >= figures.tuples) {
    return false;
  }
  const auto table = static_cast<int>(path->indexinfo->rel->relid);
  const double share = clauselist_selectivity(root, clauses, table, JOIN_INNER, nullptr);
  const double matching = clamp_row_est(figures.tuples * share);
  const double wanted = root->limit_tuples > 0 ? std::min(root->limit_tuples, matching) : matching;
  return reach * share < wanted;
}

/// Above any plan that reads the whole table and sorts, far below what enable_seqscan = off costs.
Cost price_of_missing_rows(const RelOptInfo& table) {
  const double tuples = std::max(table.tuples, 2.0);
  const double row = cpu_tuple_cost + 2 * cpu_operator_cost * (1 + std::log2(tuples));
  return 10 * (table.pages * seq_page_cost + tuples * row);
}

}  // namespace

/// amcostestimate: what an index scan costs in the planner's units.
///
/// The startup cost is that of a walk that keeps ef_search candidates. Each further row costs
/// an expansion more, so that LIMIT and the selectivity of filters, by which the planner takes a
/// part of the total, decide as they should: few matching rows, and another index with a sort wins.
///
/// Where rows would be missing, since a filter leaves less of the candidates than LIMIT asks
/// for and the scan does not go on (hnsw.iterative_scan = off, or beyond hnsw.max_scan_tuples),
/// a scan costs more than reading the whole table: the planner takes a plan that finds all rows, if
/// the user did not forbid it. A LIMIT above ef_search alone does not count as such.
///
/// A path without ORDER BY distance costs infinitely much: there is no such scan.
void estimate_cost(PlannerInfo* root, IndexPath* path, double loop_count, Cost* startup_cost,
                   Cost* total_cost, Selectivity* selectivity, double* correlation, double* pages) {
  const IndexOptInfo& index = *path->indexinfo;
  *correlation = 0;
  if (path->indexorderbys == NIL) {
    *startup_cost = *total_cost = std::numeric_limits<Cost>::infinity();
    *selectivity = 0;
    *pages = 0;
    DVECDB_DISABLE_PATH(path->path);
    return;
  }
  const Figures figures = figures_of(index);
  const RelOptInfo& table = *index.rel;
  const double price = page_price(index.reltablespace, figures.pages);
  const double kept = std::min<double>(settings().ef_search, figures.tuples);
  const Cost first = descent_cost(figures) + walk_cost(root, figures, kept, loop_count, price) +
                     rerank_cost(table, kept);
  const Cost each_further = kPagesPerFurtherRow * price + code_price(figures) + cpu_tuple_cost;
  const double visible = visible_share(table, figures);
  const Cost missing = misses_rows(root, path, figures) ? price_of_missing_rows(table) : 0;
  // The planner takes as much of the total as of the rows: it is to come out right where the scan
  // is expected to end.
  const double drawn = rows_drawn(root, path, figures);
  const Cost further = std::max(0.0, drawn - kept) * each_further * figures.tuples / drawn;
  *startup_cost = first * visible + missing;
  *total_cost = *startup_cost + further * visible;
  *selectivity = std::clamp(figures.tuples / std::max(table.tuples, 1.0), 0.0, 1.0);
  *pages = figures.pages;
}

}  // namespace dvecdb::extension
