#include "server/query/raw_tree.h"

#include <algorithm>

#include "server/query/parse.h"
#include "server/types/error.h"

namespace dvecdb::server::query::raw {

std::vector<std::string> strings_of(NodeList nodes) {
  std::vector<std::string> names;
  names.reserve(nodes.size());
  for (const Node* node : nodes) names.emplace_back(string_of(node));
  return names;
}

#if PG_VERSION_NUM >= 160000
bool has_admin_option(const PgQuery__GrantRoleStmt& statement) {
  const NodeList options = list(statement.n_opt, statement.opt);
  return std::any_of(options.begin(), options.end(), [](const Node* option) {
    const PgQuery__DefElem& element = *option->def_elem;
    return view(element.defname) == "admin" && is(element.arg, PG_QUERY__NODE__NODE_BOOLEAN) &&
           element.arg->boolean->boolval != 0;
  });
}
#else
bool has_admin_option(const PgQuery__GrantRoleStmt& statement) {
  return statement.admin_opt != 0;
}
#endif

void check_walk_depth(int depth) {
  // An expression level is two messages: the node and what it holds.
  if (depth <= 2 * max_expression_depth) return;
  throw types::SqlError(types::sqlstate::statement_too_complex, "stack depth limit exceeded")
      .hint("The statement nests too deeply; split it.");
}

namespace {

int leftmost(int a, int b) {
  if (a < 0) return b;
  return b < 0 ? a : std::min(a, b);
}

const Node* first_of(NodeList nodes) {
  return nodes.empty() ? nullptr : nodes.front();
}

// One step: the node's own location into `own`, and where to look further on its left.
const Node* step_left(const Node* node, int& own) {
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_A_EXPR:
      own = node->a_expr->location;
      return node->a_expr->lexpr;
    case PG_QUERY__NODE__NODE_BOOL_EXPR:
      own = node->bool_expr->location;
      return first_of(list(node->bool_expr->n_args, node->bool_expr->args));
    case PG_QUERY__NODE__NODE_TYPE_CAST:
      own = node->type_cast->location;
      if (node->type_cast->type_name != nullptr) {
        own = leftmost(own, node->type_cast->type_name->location);
      }
      return node->type_cast->arg;
    case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
      return node->collate_clause->arg;
    case PG_QUERY__NODE__NODE_A_INDIRECTION:
      return node->a_indirection->arg;
    case PG_QUERY__NODE__NODE_NULL_TEST:
      own = node->null_test->location;
      return node->null_test->arg;
    case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
      own = node->boolean_test->location;
      return node->boolean_test->arg;
    case PG_QUERY__NODE__NODE_SUB_LINK:
      own = node->sub_link->location;
      return node->sub_link->testexpr;
    case PG_QUERY__NODE__NODE_SORT_BY:
      return node->sort_by->node;
    case PG_QUERY__NODE__NODE_LIST:
      return first_of(list(node->list->n_items, node->list->items));
    default:
      return nullptr;
  }
}

int own_location(const Node* node) {
  switch (node->node_case) {
    case PG_QUERY__NODE__NODE_COLUMN_REF:
      return node->column_ref->location;
    case PG_QUERY__NODE__NODE_PARAM_REF:
      return node->param_ref->location;
    case PG_QUERY__NODE__NODE_A_CONST:
      return node->a_const->location;
    case PG_QUERY__NODE__NODE_FUNC_CALL:
      return node->func_call->location;
    case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
      return node->a_array_expr->location;
    case PG_QUERY__NODE__NODE_RES_TARGET:
      return node->res_target->location;
    case PG_QUERY__NODE__NODE_ROW_EXPR:
      return node->row_expr->location;
    case PG_QUERY__NODE__NODE_CASE_EXPR:
      return node->case_expr->location;
    case PG_QUERY__NODE__NODE_COALESCE_EXPR:
      return node->coalesce_expr->location;
    case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
      return node->min_max_expr->location;
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
      return node->sqlvalue_function->location;
    case PG_QUERY__NODE__NODE_GROUPING_FUNC:
      return node->grouping_func->location;
    case PG_QUERY__NODE__NODE_SET_TO_DEFAULT:
      return node->set_to_default->location;
    case PG_QUERY__NODE__NODE_RANGE_VAR:
      return node->range_var->location;
    case PG_QUERY__NODE__NODE_NAMED_ARG_EXPR:
      return node->named_arg_expr->location;
    case PG_QUERY__NODE__NODE_GROUPING_SET:
      return node->grouping_set->location;
    case PG_QUERY__NODE__NODE_TYPE_NAME:
      return node->type_name->location;
    default:
      return -1;
  }
}

}  // namespace

int location_of(const Node* node) {
  int found = -1;
  while (node != nullptr) {
    int own = own_location(node);
    node = step_left(node, own);
    found = leftmost(found, own);
  }
  return found;
}

}  // namespace dvecdb::server::query::raw
