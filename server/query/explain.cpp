#include "server/query/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace dvecdb::server::query {

namespace {

bool is_scan(std::string_view detail) {
  return detail.starts_with("SCAN ") || detail.starts_with("SEARCH ");
}

// "SCAN r0 USING INDEX i (a=?)": the word after the verb.
std::string_view scanned_alias(std::string_view detail) {
  detail.remove_prefix(detail.find(' ') + 1);
  return detail.substr(0, detail.find(' '));
}

class Explainer {
 public:
  Explainer(const Plan& plan, std::span<const StorePlanRow> rows) : plan_(plan) {
    for (const StorePlanRow& row : rows) children_[row.parent].push_back(&row);
  }

  std::vector<std::string> lines() {
    std::string root = "Result";
    if (plan_.command == CommandKind::insert) root = on("Insert", plan_.insert.table);
    if (plan_.command == CommandKind::update) root = on("Update", plan_.update.table);
    if (plan_.command == CommandKind::delete_) root = on("Delete", plan_.delete_.table);
    if (plan_.command == CommandKind::select) {
      const auto& top = children_[0];
      if (top.size() == 1) {
        node(*top.front(), 0);
        return std::move(lines_);
      }
      if (!top.empty()) root = join_of(top);
    }
    add(0, root);
    for (const StorePlanRow* row : children_[0]) node(*row, 1);
    return std::move(lines_);
  }

 private:
  static std::string on(std::string_view verb, const RelationDesc* table) {
    return fmt::format("{} on {}", verb, table == nullptr ? "?" : table->name);
  }

  // Several scans side by side are one join, the first one outermost.
  static std::string join_of(const std::vector<const StorePlanRow*>& rows) {
    const auto scans = std::count_if(rows.begin(), rows.end(),
                                     [](const StorePlanRow* row) { return is_scan(row->detail); });
    return scans > 1 ? "Nested Loop" : "Result";
  }

  void add(int depth, const std::string& text) {
    // PostgreSQL's layout: the root bare, each level below with an arrow.
    if (depth == 0) {
      lines_.push_back(text);
    } else {
      lines_.push_back(
          fmt::format("{:{}}->  {}", "", static_cast<std::size_t>(depth) * 6 - 4, text));
    }
  }
  void detail(int depth, const std::string& text) {
    lines_.push_back(fmt::format("{:{}}{}", "", static_cast<std::size_t>(depth) * 6 + 2, text));
  }

  std::string display(std::string_view alias) const {
    for (const auto& known : plan_.aliases) {
      if (known.alias == alias) return known.display;
    }
    return {};
  }

  const VectorScan* vector_scan(std::string_view alias) const {
    for (const VectorScan& scan : plan_.vector_scans) {
      if (scan.alias == alias) return &scan;
    }
    return nullptr;
  }

  void node(const StorePlanRow& row, int depth) {
    const std::string_view text = row.detail;
    if (is_scan(text)) {
      scan(text, depth);
    } else {
      add(depth, words_for(text));
    }
    for (const StorePlanRow* child : children_[row.id]) node(*child, depth + 1);
  }

  void scan(std::string_view text, int depth) {
    const std::string_view alias = scanned_alias(text);
    if (const VectorScan* found = vector_scan(alias)) {
      add(depth, fmt::format("Index Scan using {} on {}", found->index->name, found->table->name));
      if (!found->order_text.empty()) detail(depth, "Order By: " + found->order_text);
      if (!found->filter_text.empty()) {
        detail(depth, "Filter: " + found->filter_text);
        detail(depth, "Filter Applied: during the index scan");
      }
      return;
    }
    const std::string name = display(alias);
    const std::size_t using_at = text.find(" USING ");
    if (name.empty()) {
      add(depth, fmt::format("{} Scan on {}", subject_of(alias), alias));
      return;
    }
    if (using_at == std::string_view::npos) {
      add(depth, "Seq Scan on " + name);
      return;
    }
    std::string_view how = text.substr(using_at + 7);
    std::string_view condition;
    const std::size_t open = how.find(" (");
    if (open != std::string_view::npos) {
      condition = how.substr(open + 1);
      how = how.substr(0, open);
    }
    std::string method = "Index Scan";
    for (const std::string_view prefix : {"AUTOMATIC ", "PARTIAL "}) {
      if (how.starts_with(prefix)) how.remove_prefix(prefix.size());
    }
    if (how.starts_with("COVERING INDEX ")) {
      method = "Index Only Scan";
      how.remove_prefix(15);
    } else if (how.starts_with("INDEX ")) {
      how.remove_prefix(6);
    } else {
      how = "row number";
    }
    add(depth, fmt::format("{} using {} on {}", method, index_name(how), name));
    if (!condition.empty()) detail(depth, fmt::format("Index Cond: {}", condition));
  }

  // The name by which users know an index of the store.
  std::string index_name(std::string_view store_name) const { return std::string(store_name); }

  static std::string_view subject_of(std::string_view alias) {
    if (alias.starts_with("w")) return "CTE";
    return "Subquery";
  }

  static std::string words_for(std::string_view text) {
    if (text.starts_with("USE TEMP B-TREE FOR ORDER BY") ||
        text.find("TERM OF ORDER BY") != std::string_view::npos ||
        text.find("TERMS OF ORDER BY") != std::string_view::npos) {
      return "Sort";
    }
    if (text.starts_with("USE TEMP B-TREE FOR GROUP BY")) return "GroupAggregate";
    if (text.starts_with("USE TEMP B-TREE FOR DISTINCT")) return "Unique";
    if (text.starts_with("SCALAR SUBQUERY") || text.starts_with("CORRELATED")) return "SubPlan";
    if (text.starts_with("MATERIALIZE")) return "Materialize";
    if (text.starts_with("CO-ROUTINE")) return "Subquery";
    if (text.starts_with("UNION ALL")) return "Append";
    if (text.starts_with("COMPOUND QUERY") || text.starts_with("UNION")) return "SetOp";
    if (text.starts_with("LIST SUBQUERY")) return "SubPlan";
    return std::string(text);
  }

  const Plan& plan_;
  std::map<int, std::vector<const StorePlanRow*>> children_;
  std::vector<std::string> lines_;
};

}  // namespace

std::string_view explained_sql(const Plan& plan) {
  switch (plan.command) {
    case CommandKind::select:
      return plan.select.sql;
    case CommandKind::insert:
      return plan.insert.source.sql;
    case CommandKind::update:
      return plan.update.source.sql;
    case CommandKind::delete_:
      return plan.delete_.source.sql;
  }
  return {};
}

std::vector<std::string> explain_plan(const Plan& plan, std::span<const StorePlanRow> rows,
                                      const ExplainOptions& options) {
  std::vector<std::string> lines = Explainer(plan, rows).lines();
  if (options.show_store_sql) {
    lines.push_back(fmt::format("Store SQL: {}", explained_sql(plan)));
  }
  return lines;
}

}  // namespace dvecdb::server::query
