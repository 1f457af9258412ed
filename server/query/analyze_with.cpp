// WITH: common table expressions, recursive ones included.
#include <fmt/format.h>

#include <algorithm>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

using raw::Node;

// References to tables of one bare name inside a raw query.
int count_references(const ProtobufCMessage& message, std::string_view name) {
  int count = 0;
  raw::walk(message, [&](const ProtobufCMessage& at) {
    if (at.descriptor == &pg_query__range_var__descriptor) {
      const auto& range = reinterpret_cast<const PgQuery__RangeVar&>(at);
      if (raw::view(range.schemaname).empty() && raw::view(range.relname) == name) ++count;
    }
    return true;
  });
  return count;
}

int count_references(const Node* node, std::string_view name) {
  return node == nullptr ? 0 : count_references(node->base, name);
}

// PostgreSQL's restrictions on where a recursive query may refer to itself.
class RecursionCheck {
 public:
  RecursionCheck(const Scope& scope, const PgQuery__CommonTableExpr& cte)
      : scope_(scope), cte_(cte), name_(cte.ctename) {}

  void check() {
    const Node* body = cte_.ctequery;
    if (!raw::is(body, PG_QUERY__NODE__NODE_SELECT_STMT)) {
      throw error_at(
          scope_, sqlstate::invalid_recursion,
          fmt::format("recursive query \"{}\" must not contain data-modifying statements", name_),
          cte_.location);
    }
    if (body->select_stmt->op != PG_QUERY__SET_OPERATION__SETOP_UNION) {
      throw error_at(scope_, sqlstate::invalid_recursion,
                     fmt::format("recursive query \"{}\" does not have the form non-recursive-term "
                                 "UNION [ALL] recursive-term",
                                 name_),
                     cte_.location);
    }
    const PgQuery__SelectStmt& select = *body->select_stmt;
    refuse_clause(select.n_sort_clause > 0, "ORDER BY",
                  select.n_sort_clause > 0 ? select.sort_clause[0] : nullptr);
    refuse_clause(select.limit_offset != nullptr, "OFFSET", select.limit_offset);
    refuse_clause(select.limit_count != nullptr, "LIMIT", select.limit_count);
    refuse_clause(select.n_locking_clause > 0, "FOR UPDATE/SHARE", nullptr);
    if (count_references(select.larg->base, name_) > 0) {
      refuse("must not appear within its non-recursive term");
    }
    check_term(*select.rarg);
    if (count_references(select.rarg->base, name_) > 1) refuse("must not appear more than once");
  }

 private:
  void refuse_clause(bool is_there, std::string_view what, const Node* node) const {
    if (!is_there) return;
    throw error_at(scope_, sqlstate::feature_not_supported,
                   fmt::format("{} in a recursive query is not implemented", what),
                   raw::location_of(node));
  }

  [[noreturn]] void refuse(std::string_view why) const {
    throw error_at(scope_, sqlstate::invalid_recursion,
                   fmt::format("recursive reference to query \"{}\" {}", name_, why),
                   reference_location());
  }

  int reference_location() const {
    int location = -1;
    raw::walk(cte_.ctequery->base, [&](const ProtobufCMessage& at) {
      if (at.descriptor == &pg_query__range_var__descriptor) {
        const auto& range = reinterpret_cast<const PgQuery__RangeVar&>(at);
        if (raw::view(range.relname) == name_) location = range.location;
      }
      return true;
    });
    return location;
  }

  // Places below which no reference may be.
  void check_term(const PgQuery__SelectStmt& term) const {
    raw::walk(term.base, [&](const ProtobufCMessage& at) {
      if (at.descriptor == &pg_query__sub_link__descriptor) {
        const auto& link = reinterpret_cast<const PgQuery__SubLink&>(at);
        if (count_references(link.subselect, name_) > 0) {
          refuse("must not appear within a subquery");
        }
        return false;
      }
      if (at.descriptor == &pg_query__join_expr__descriptor) {
        check_join(reinterpret_cast<const PgQuery__JoinExpr&>(at));
      }
      if (at.descriptor == &pg_query__select_stmt__descriptor) {
        check_select(reinterpret_cast<const PgQuery__SelectStmt&>(at));
      }
      return true;
    });
  }

  void check_join(const PgQuery__JoinExpr& join) const {
    const bool left_is_inner = join.jointype == PG_QUERY__JOIN_TYPE__JOIN_RIGHT ||
                               join.jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL;
    const bool right_is_inner = join.jointype == PG_QUERY__JOIN_TYPE__JOIN_LEFT ||
                                join.jointype == PG_QUERY__JOIN_TYPE__JOIN_FULL;
    if ((left_is_inner && count_references(join.larg, name_) > 0) ||
        (right_is_inner && count_references(join.rarg, name_) > 0)) {
      refuse("must not appear within an outer join");
    }
  }

  void check_select(const PgQuery__SelectStmt& select) const {
    if (select.op == PG_QUERY__SET_OPERATION__SETOP_EXCEPT && select.rarg != nullptr &&
        count_references(select.rarg->base, name_) > 0) {
      refuse("must not appear within EXCEPT");
    }
    if (select.op == PG_QUERY__SET_OPERATION__SETOP_INTERSECT && select.all &&
        count_references(select.base, name_) > 0) {
      refuse("must not appear within INTERSECT");
    }
  }

  const Scope& scope_;
  const PgQuery__CommonTableExpr& cte_;
  std::string_view name_;
};

class WithBuilder {
 public:
  WithBuilder(Scope& scope, const PgQuery__WithClause& with) : scope_(scope), with_(with) {}

  void build() {
    declare();
    if (!with_.recursive) {
      for (std::size_t i = 0; i < raws_.size(); ++i) analyze(i);
      return;
    }
    scope_.query->has_recursive = true;
    state_.assign(raws_.size(), State::waiting);
    for (std::size_t i = 0; i < raws_.size(); ++i) analyze_in_order(i);
  }

 private:
  enum class State { waiting, open, done };

  void declare() {
    for (const Node* node : raw::list(with_.n_ctes, with_.ctes)) {
      const PgQuery__CommonTableExpr& raw_cte = *node->common_table_expr;
      refuse_unsupported(raw_cte);
      for (const PgQuery__CommonTableExpr* other : raws_) {
        if (raw::view(other->ctename) != raw_cte.ctename) continue;
        throw error_at(
            scope_, sqlstate::duplicate_alias,
            fmt::format("WITH query name \"{}\" specified more than once", raw_cte.ctename),
            raw_cte.location);
      }
      raws_.push_back(&raw_cte);
      Cte cte;
      cte.name = raw_cte.ctename;
      cte.is_materialized =
          raw_cte.ctematerialized == PG_QUERY__CTEMATERIALIZE__CTEMaterializeAlways;
      cte.is_not_materialized =
          raw_cte.ctematerialized == PG_QUERY__CTEMATERIALIZE__CTEMaterializeNever;
      for (const Node* name : raw::list(raw_cte.n_aliascolnames, raw_cte.aliascolnames)) {
        cte.columns.push_back({std::string(raw::string_of(name)), {}});
      }
      scope_.query->ctes.push_back(std::move(cte));
    }
  }

  void refuse_unsupported(const PgQuery__CommonTableExpr& cte) const {
    if (scope_.parent != nullptr && !raw::is(cte.ctequery, PG_QUERY__NODE__NODE_SELECT_STMT)) {
      throw error_at(scope_, sqlstate::feature_not_supported,
                     "WITH clause containing a data-modifying statement must be at the top level",
                     cte.location);
    }
    if (cte.search_clause != nullptr) {
      throw not_supported(scope_, "SEARCH in WITH RECURSIVE", cte.search_clause->location);
    }
    if (cte.cycle_clause != nullptr) {
      throw not_supported(scope_, "CYCLE in WITH RECURSIVE", cte.cycle_clause->location);
    }
  }

  // With RECURSIVE, items may refer to later ones: those come first.
  void analyze_in_order(std::size_t index) {
    if (state_[index] == State::done) return;
    if (state_[index] == State::open) {
      throw error_at(scope_, sqlstate::feature_not_supported,
                     "mutual recursion between WITH items is not implemented",
                     raws_[index]->location);
    }
    const DepthGuard depth(scope_.statement);
    state_[index] = State::open;
    for (std::size_t other = 0; other < raws_.size(); ++other) {
      if (other != index && count_references(raws_[index]->ctequery, raws_[other]->ctename) > 0) {
        analyze_in_order(other);
      }
    }
    analyze(index);
    state_[index] = State::done;
  }

  void analyze(std::size_t index) {
    const PgQuery__CommonTableExpr& raw_cte = *raws_[index];
    const int number = static_cast<int>(index);
    const bool is_recursive =
        with_.recursive && count_references(raw_cte.ctequery, raw_cte.ctename) > 0;
    scope_.query->ctes[index].is_recursive = is_recursive;
    if (is_recursive) RecursionCheck(scope_, raw_cte).check();
    QueryPtr query =
        analyze_query_node(scope_.statement, &scope_, raw_cte.ctequery, [&](Scope& inner) {
          if (is_recursive) inner.recursive_cte = number;
        });
    Cte& cte = scope_.query->ctes[index];
    if (is_recursive) {
      check_column_types(cte, *query);
    } else {
      take_columns(cte, *query, raw_cte.location);
    }
    cte.query = std::move(query);
    auto& visible = scope_.visible_ctes;
    if (std::find(visible.begin(), visible.end(), number) == visible.end()) {
      visible.push_back(number);
    }
  }

  void take_columns(Cte& cte, const Query& query, int location) const {
    std::vector<RangeColumn> columns;
    for (const TargetEntry& target : result_targets(query)) {
      if (!target.is_junk) columns.push_back({target.name, target.expr->type});
    }
    if (cte.columns.size() > columns.size()) {
      throw error_at(scope_, sqlstate::invalid_column_reference,
                     fmt::format("WITH query \"{}\" has {} columns available but {} columns "
                                 "specified",
                                 cte.name, columns.size(), cte.columns.size()),
                     location);
    }
    for (std::size_t i = 0; i < cte.columns.size(); ++i) columns[i].name = cte.columns[i].name;
    cte.columns = std::move(columns);
  }

  void check_column_types(const Cte& cte, const Query& query) const {
    std::size_t i = 0;
    for (const TargetEntry& target : query.targets) {
      if (target.is_junk || i >= cte.columns.size()) continue;
      const TypeRef first = cte.columns[i].type;
      const TypeRef overall = target.expr->type;
      ++i;
      if (first.oid == overall.oid && first.typmod == overall.typmod) continue;
      throw error_at(scope_, sqlstate::datatype_mismatch,
                     fmt::format("recursive query \"{}\" column {} has type {} in non-recursive "
                                 "term but type {} overall",
                                 cte.name, i, type_text(scope_.statement, first),
                                 type_text(scope_.statement, overall)),
                     first_location(query, i - 1))
          .hint("Cast the output of the non-recursive term to the correct type.");
    }
  }

  static int first_location(const Query& query, std::size_t column) {
    if (query.set_operation == nullptr) return -1;
    const SetOperation* at = query.set_operation.get();
    while (at->entry < 0) at = at->left.get();
    const Query& first = *query.range_table[static_cast<std::size_t>(at->entry)].subquery;
    return column < first.targets.size() ? location_of(*first.targets[column].expr) : -1;
  }

  Scope& scope_;
  const PgQuery__WithClause& with_;
  std::vector<const PgQuery__CommonTableExpr*> raws_;
  std::vector<State> state_;
};

}  // namespace

void analyze_with(Scope& scope, const PgQuery__WithClause* with) {
  if (with != nullptr) WithBuilder(scope, *with).build();
}

}  // namespace dvecdb::server::query
