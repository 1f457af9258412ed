#include "extension/nearest/nearest_path.h"

#include "extension/nearest/nearest_scan.h"

extern "C" {
#include <access/htup_details.h>
#include <catalog/pg_language.h>
#include <catalog/pg_proc.h>
#include <nodes/makefuncs.h>
#include <nodes/nodeFuncs.h>
#include <optimizer/clauses.h>
#include <optimizer/cost.h>
#include <optimizer/optimizer.h>
#include <optimizer/pathnode.h>
#include <optimizer/paths.h>
#include <optimizer/restrictinfo.h>
#include <utils/syscache.h>
#include <utils/typcache.h>
}

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace dvecdb::extension {
namespace {

// Beyond this many rows a sort, which can go to disk, does as well.
constexpr int most_rows = 10000;

bool is_enabled = true;
set_rel_pathlist_hook_type next_hook;

// Whether the function is one of our distances.
bool is_distance(Oid function) {
  const HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
  if (!HeapTupleIsValid(tuple)) return false;
  const auto* row = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
  bool is_ours = false;
  if (row->prolang == ClanguageId && row->prorettype == FLOAT8OID && row->pronargs == 2) {
    bool is_null = false;
    const Datum source = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosrc, &is_null);
    is_ours = !is_null && std::string_view(TextDatumGetCString(source)).starts_with("dvecdb_");
  }
  ReleaseSysCache(tuple);
  return is_ours;
}

bool is_column_of(const Node* node, const RelOptInfo* table) {
  if (!IsA(node, Var)) return false;
  const auto* column = reinterpret_cast<const Var*>(node);
  return column->varno == static_cast<int>(table->relid) && column->varlevelsup == 0 &&
         column->varattno > 0;
}

bool is_constant(Node* node) {
  return !contain_var_clause(node) && !contain_volatile_functions(node) && !contain_subplans(node);
}

// `column <-> constant`, either way around.
bool is_search(Node* node, const RelOptInfo* table) {
  if (!IsA(node, OpExpr)) return false;
  auto* operation = reinterpret_cast<OpExpr*>(node);
  if (operation->opresulttype != FLOAT8OID || list_length(operation->args) != 2) return false;
  auto* left = static_cast<Node*>(linitial(operation->args));
  auto* right = static_cast<Node*>(lsecond(operation->args));
  const bool has_form = (is_column_of(left, table) && is_constant(right)) ||
                        (is_column_of(right, table) && is_constant(left));
  if (!has_form) return false;
  set_opfuncid(operation);
  return is_distance(operation->opfuncid);
}

// The distance by which the query orders the table, ascending; null when it does not.
Expr* ordering_distance_of(const PlannerInfo* root, const RelOptInfo* table) {
  if (list_length(root->query_pathkeys) != 1) return nullptr;
  const auto* key = static_cast<const PathKey*>(linitial(root->query_pathkeys));
  if (!DVECDB_IS_ASCENDING(key) || key->pk_nulls_first || key->pk_eclass->ec_has_volatile ||
      key->pk_opfamily != lookup_type_cache(FLOAT8OID, TYPECACHE_BTREE_OPFAMILY)->btree_opf) {
    return nullptr;
  }
  for (int i = 0; i < list_length(key->pk_eclass->ec_members); ++i) {
    const auto* member =
        static_cast<const EquivalenceMember*>(list_nth(key->pk_eclass->ec_members, i));
    if (is_search(reinterpret_cast<Node*>(member->em_expr), table)) return member->em_expr;
  }
  return nullptr;
}

// A row count that is written in the query; -1 for others, which may be another at run time.
std::int64_t constant_count(const Node* limit) {
  if (limit == nullptr || !IsA(limit, Const)) return -1;
  const auto* value = reinterpret_cast<const Const*>(limit);
  return value->constisnull ? -1 : DatumGetInt64(value->constvalue);
}

// How many rows the query can take of the table; 0 when that is not known or too many.
int wanted_rows(const PlannerInfo* root) {
  const Query* query = root->parse;
  // Negative too where rows are grouped, made distinct or multiplied.
  if (root->limit_tuples <= 0 || query->limitOption != LIMIT_OPTION_COUNT) return 0;
  const std::int64_t count = constant_count(query->limitCount);
  const std::int64_t skipped =
      query->limitOffset == nullptr ? 0 : constant_count(query->limitOffset);
  if (count < 1 || skipped < 0 || count > most_rows || skipped > most_rows) return 0;
  return count + skipped <= most_rows ? static_cast<int>(count + skipped) : 0;
}

bool is_only_table(const PlannerInfo* root, const RelOptInfo* table, const RangeTblEntry* entry) {
  return table->reloptkind == RELOPT_BASEREL && entry->rtekind == RTE_RELATION &&
         (entry->relkind == RELKIND_RELATION || entry->relkind == RELKIND_MATVIEW) && !entry->inh &&
         entry->tablesample == nullptr && table->lateral_relids == nullptr &&
         bms_equal(root->all_baserels, table->relids) && root->rowMarks == NIL &&
         root->parse->rowMarks == NIL && root->parse->commandType == CMD_SELECT;
}

const Path* sequential_scan_among(const List* paths) {
  for (int i = 0; i < list_length(paths); ++i) {
    const auto* path = static_cast<const Path*>(list_nth(paths, i));
    if (path->pathtype == T_SeqScan && path->param_info == nullptr) return path;
  }
  return nullptr;
}

// The path's private list: the order's expression, the number of rows in a list.
Plan* plan_path(PlannerInfo*, RelOptInfo* table, CustomPath* path, List* targets, List* clauses,
                List*) {
  CustomScan* scan = makeNode(CustomScan);
  scan->scan.plan.targetlist = targets;
  scan->scan.plan.qual = extract_actual_clauses(clauses, false);
  scan->scan.scanrelid = table->relid;
  scan->flags = path->flags;
  auto* order = static_cast<Expr*>(linitial(path->custom_private));
  const int count = linitial_int(static_cast<List*>(lsecond(path->custom_private)));
  set_nearest_plan(scan, {count, order});
  return &scan->scan.plan;
}

CustomPathMethods make_path_methods() {
  CustomPathMethods methods{};
  methods.CustomName = "Nearest";
  methods.PlanCustomPath = plan_path;
  return methods;
}
const CustomPathMethods path_methods = make_path_methods();

// What a sequential scan costs, a distance and a comparison for every row that it finds, and the
// rows that are returned.
void set_cost(PlannerInfo* root, Path& path, const Path& scan, Expr* order) {
  QualCost distance;
  cost_qual_eval_node(&distance, reinterpret_cast<Node*>(order), root);
  path.startup_cost =
      scan.total_cost + distance.startup + scan.rows * (distance.per_tuple + cpu_operator_cost);
  path.total_cost = path.startup_cost + path.rows * cpu_tuple_cost;
  DVECDB_DISABLE_LIKE(path, scan);
}

// In place of the sequential scan `scan`, by as many processes.
Path* nearest_path(PlannerInfo* root, RelOptInfo* table, const Path& scan,
                   const NearestPlan& search) {
  CustomPath* path = makeNode(CustomPath);
  path->path.pathtype = T_CustomScan;
  path->path.parent = table;
  path->path.pathtarget = table->reltarget;
  path->path.parallel_aware = scan.parallel_aware;
  path->path.parallel_safe = scan.parallel_aware;
  path->path.parallel_workers = scan.parallel_workers;
  path->path.rows = std::min<double>(search.count, scan.rows);
  path->path.pathkeys = root->query_pathkeys;
  path->flags = CUSTOMPATH_SUPPORT_PROJECTION;
  path->custom_private = list_make2(search.order, list_make1_int(search.count));
  path->methods = &path_methods;
  set_cost(root, path->path, scan, search.order);
  return &path->path;
}

void add_paths_of(PlannerInfo* root, RelOptInfo* table, const NearestPlan& search) {
  const Path* scan = sequential_scan_among(table->pathlist);
  if (scan != nullptr) add_path(table, nearest_path(root, table, *scan, search));
  const Path* part = sequential_scan_among(table->partial_pathlist);
  if (part != nullptr && is_parallel_safe(root, reinterpret_cast<Node*>(search.order))) {
    add_partial_path(table, nearest_path(root, table, *part, search));
  }
}

void add_nearest_path(PlannerInfo* root, RelOptInfo* table, Index number, RangeTblEntry* entry) {
  if (next_hook != nullptr) next_hook(root, table, number, entry);
  if (!is_enabled || !is_only_table(root, table, entry)) return;
  const int count = wanted_rows(root);
  if (count == 0) return;
  Expr* order = ordering_distance_of(root, table);
  if (order != nullptr) add_paths_of(root, table, {count, order});
}

}  // namespace

void register_nearest_scan() {
  DefineCustomBoolVariable("dvecdb.nearest_scan",
                           "Searches without an index in one pass that keeps the nearest rows",
                           "Off: by PostgreSQL's sequential scan and sort.", &is_enabled, true,
                           PGC_USERSET, 0, nullptr, nullptr, nullptr);
  MarkGUCPrefixReserved("dvecdb");
  register_nearest_scan_methods();
  next_hook = set_rel_pathlist_hook;
  set_rel_pathlist_hook = add_nearest_path;
}

}  // namespace dvecdb::extension
