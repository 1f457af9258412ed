// A statement whose WITH modifies data. Every item of that WITH becomes a part: a plan of its own
// whose rows go to a temporary table that the others read. What the statement reads of its WITH
// runs before it; the rest, which PostgreSQL runs to completion too, after it and from the last
// item on.
//
// All parts must see the tables as they were before the statement. So a part that changes a table
// which a later part reads or changes notes the rows as they were, and the later part reads those
// in their place (Lowering::table_before).
#include "server/query/plan_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "server/query/lower.h"

namespace dvecdb::server::query {

namespace {

struct Part {
  Query* query = nullptr;
  int item = -1;            // of WITH; -1: the statement itself
  std::set<int> items;      // of WITH that it reads
  std::set<Oid> relations;  // that it reads or changes
  Oid changed = types::invalid_oid;
};

// What a query reads, at every level of it.
class Reads {
 public:
  explicit Reads(Part& part) : part_(part) {}

  // `depth`: how many queries out the statement is.
  void collect(Query& query, int depth, bool with_items) {
    for (const RangeEntry& entry : query.range_table) {
      if (entry.kind == RangeKind::cte && entry.cte_levels_up == depth) {
        part_.items.insert(entry.cte_index);
      }
      if (entry.kind == RangeKind::relation && entry.relation != nullptr) {
        part_.relations.insert(entry.relation->oid);
      }
    }
    std::set<const Query*> skipped;
    if (!with_items) {
      for (const Cte& cte : query.ctes) skipped.insert(cte.query.get());
    }
    const std::function<void(const Expr&)> look = [&](const Expr& expr) {
      visit_children(expr, look);
      if (expr.kind != ExprKind::sublink) return;
      collect(*static_cast<const SublinkExpr&>(expr).query, depth + 1, true);
    };
    visit_query(
        query, [&](ExprPtr& expr) { look(*expr); },
        [&](Query& inner) {
          if (skipped.count(&inner) == 0) collect(inner, depth + 1, true);
        });
  }

 private:
  Part& part_;
};

Part read_part(Query& query, int item) {
  Part part;
  part.query = &query;
  part.item = item;
  const bool is_statement = item < 0;
  Reads(part).collect(query, is_statement ? 0 : 1, !is_statement);
  part.items.erase(item);  // a recursive item reads itself
  if (query.command != CommandKind::select) {
    part.changed = query.range_table.at(static_cast<std::size_t>(query.result_entry)).relation->oid;
  }
  return part;
}

class PartsPlanner {
 public:
  PartsPlanner(const AnalyzeContext& context, Query& query, const ParamTypes& params,
               const PlanSettings& settings)
      : context_(context), query_(query), params_(params), settings_(settings) {}

  Plan plan() {
    read();
    order();
    tables_.statement = &query_;
    tables_.rows.resize(query_.ctes.size());
    Plan result;
    std::vector<Plan> before;
    std::vector<Plan> after;
    bool is_before = true;
    for (std::size_t i = 0; i < ordered_.size(); ++i) {
      Plan plan = lower_part(*ordered_[i], i);
      if (ordered_[i]->item < 0) {
        result = std::move(plan);
        is_before = false;
      } else {
        (is_before ? before : after).push_back(std::move(plan));
      }
    }
    result.before = std::move(before);
    result.after = std::move(after);
    return result;
  }

 private:
  void read() {
    for (std::size_t i = 0; i < query_.ctes.size(); ++i) {
      parts_.push_back(read_part(*query_.ctes[i].query, static_cast<int>(i)));
    }
    parts_.push_back(read_part(query_, -1));
    for (const Part& part : parts_) read_items_.insert(part.items.begin(), part.items.end());
  }

  void order() {
    add(parts_.back());
    for (std::size_t i = query_.ctes.size(); i-- > 0;) {
      // A SELECT that nobody reads does not run.
      if (parts_[i].changed != types::invalid_oid) add(parts_[i]);
    }
  }

  void add(const Part& part) {
    if (std::find(ordered_.begin(), ordered_.end(), &part) != ordered_.end()) return;
    for (const int item : part.items) add(parts_[static_cast<std::size_t>(item)]);
    ordered_.push_back(&part);
  }

  Plan lower_part(const Part& part, std::size_t position) {
    Plan plan;
    plan.command = part.query->command;
    plan.parameter_types = params_.types;
    lower::Lowering lowering(context_, settings_, plan);
    lower::Scope statement(&query_, nullptr, &lowering.root_text());
    const bool is_statement = part.item < 0;
    lowering.use_parts(tables_, is_statement ? nullptr : &statement);
    const auto index = static_cast<std::size_t>(part.item);
    if (!is_statement && query_.ctes[index].is_recursive) {
      constexpr std::string_view name = "part";
      tables_.rows[index] = name;
      plan.select.sql = lowering.recursive_part(query_.ctes[index], std::string(name));
    } else {
      lowering.statement(*part.query);
    }
    plan.columns = result_columns(result_targets(*part.query));
    if (read_items_.count(part.item) > 0) {
      plan.output = TemporaryRows{fmt::format("temp.part_{}_{}", index, plan.columns.size()),
                                  plan.columns.size()};
      tables_.rows[index] = plan.output->name;
    }
    note_changes(part, position, plan);
    return plan;
  }

  void note_changes(const Part& part, std::size_t position, Plan& plan) {
    if (part.changed == types::invalid_oid) return;
    const bool is_used_later =
        std::any_of(ordered_.begin() + static_cast<std::ptrdiff_t>(position) + 1, ordered_.end(),
                    [&](const Part* later) { return later->relations.count(part.changed) > 0; });
    auto known = tables_.changes.find(part.changed);
    if (!is_used_later && known == tables_.changes.end()) return;
    const RelationDesc& relation = *context_.catalog.find_relation(part.changed);
    if (known == tables_.changes.end()) {
      const std::string name =
          fmt::format("temp.changes_{}_{}", tables_.changes.size(), relation.columns.size());
      known = tables_.changes.emplace(part.changed, name).first;
    }
    plan.changes = TemporaryRows{known->second, relation.columns.size()};
  }

  const AnalyzeContext& context_;
  Query& query_;
  const ParamTypes& params_;
  const PlanSettings& settings_;
  std::vector<Part> parts_;  // of the items in order, then the statement itself
  std::set<int> read_items_;
  std::vector<const Part*> ordered_;
  lower::PartTables tables_;
};

std::string numbered_columns(std::size_t count) {
  std::string columns;
  for (std::size_t i = 0; i < count; ++i) columns += ", " + lower::output_name(i);
  return columns;
}

}  // namespace

bool modifies_in_with(const Query& query) {
  return std::any_of(query.ctes.begin(), query.ctes.end(),
                     [](const Cte& cte) { return cte.query->command != CommandKind::select; });
}

Plan make_plan_of_parts(const AnalyzeContext& context, Query& query, const ParamTypes& params,
                        const PlanSettings& settings) {
  return PartsPlanner(context, query, params, settings).plan();
}

std::string create_rows_sql(const TemporaryRows& rows) {
  return fmt::format("CREATE TABLE IF NOT EXISTS {} ({})", rows.name,
                     numbered_columns(std::max<std::size_t>(rows.columns, 1)).substr(2));
}

std::string create_changes_sql(const TemporaryRows& changes) {
  return fmt::format("CREATE TABLE IF NOT EXISTS {} (r INTEGER PRIMARY KEY, e{})", changes.name,
                     numbered_columns(changes.columns));
}

}  // namespace dvecdb::server::query
