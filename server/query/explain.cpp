#include "server/query/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

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

struct Node {
  std::string text;
  std::vector<std::string> details;
  std::vector<Node> children;
};
using Nodes = std::vector<Node>;

// PostgreSQL's layout: the root bare, each level below with an arrow.
void print(const Node& node, std::size_t depth, std::vector<std::string>& out) {
  const std::size_t indent = depth == 0 ? 0 : depth * 6 - 4;
  out.push_back(std::string(indent, ' ') + (depth == 0 ? "" : "->  ") + node.text);
  const std::size_t detail_indent = depth == 0 ? 2 : indent + 6;
  for (const std::string& detail : node.details) {
    out.push_back(std::string(detail_indent, ' ') + detail);
  }
  for (const Node& child : node.children) print(child, depth + 1, out);
}

class Explainer {
 public:
  Explainer(const Plan& plan, std::span<const StorePlanRow> rows) : plan_(plan) {
    for (const StorePlanRow& row : rows) children_[row.parent].push_back(&row);
  }

  std::vector<std::string> lines() {
    Node root = combine(nodes_under(0));
    if (plan_.command == CommandKind::insert) root = on("Insert", plan_.insert.table, root);
    if (plan_.command == CommandKind::update) root = on("Update", plan_.update.table, root);
    if (plan_.command == CommandKind::delete_) root = on("Delete", plan_.delete_.table, root);
    std::vector<std::string> out;
    print(root, 0, out);
    return out;
  }

 private:
  static Node on(std::string_view verb, const RelationDesc* table, Node source) {
    Node node{fmt::format("{} on {}", verb, table == nullptr ? "?" : table->name), {}, {}};
    node.children.push_back(std::move(source));
    return node;
  }

  // SQLite lists what it does side by side; here what works on others' rows stands above them.
  struct Parts {
    Nodes sources;                     // in the order in which they are joined
    std::vector<std::string> shaping;  // Sort, Unique, GroupAggregate
    Nodes subplans;
  };

  static Node combine(Parts parts) {
    Node node;
    if (parts.sources.empty()) {
      node.text = "Result";
    } else if (parts.sources.size() == 1) {
      node = std::move(parts.sources.front());
    } else {
      node = Node{"Nested Loop", {}, std::move(parts.sources)};
    }
    for (std::string& shape : parts.shaping) {
      Node above{std::move(shape), {}, {}};
      above.children.push_back(std::move(node));
      node = std::move(above);
    }
    for (Node& subplan : parts.subplans) node.children.push_back(std::move(subplan));
    return node;
  }

  Parts nodes_under(int parent) {
    Parts parts;
    std::map<std::string, Node, std::less<>> made;  // subqueries by their alias
    bool follows_vector_scan = false;
    for (const StorePlanRow* row : children_[parent]) {
      const std::string_view text = row->detail;
      if (is_scan(text)) {
        const std::string_view alias = scanned_alias(text);
        const auto subquery = made.find(alias);
        // The index gives row numbers; reading the rows belongs to the same scan.
        const bool reads_found_row =
            follows_vector_scan && text.find("USING INTEGER PRIMARY KEY") != std::string_view::npos;
        follows_vector_scan = vector_scan(alias) != nullptr;
        if (reads_found_row) continue;
        if (subquery == made.end()) {
          parts.sources.push_back(scan(text));
        } else {
          parts.sources.push_back(std::move(subquery->second));
          made.erase(subquery);
        }
        continue;
      }
      const bool was_vector_scan = std::exchange(follows_vector_scan, false);
      if (text.starts_with("MATERIALIZE ") || text.starts_with("CO-ROUTINE ")) {
        made[std::string(scanned_alias(text))] = combine(nodes_under(row->id));
      } else if (const std::string shape = shape_of(text); !shape.empty()) {
        parts.shaping.push_back(shape);
      } else if (is_subplan(text)) {
        follows_vector_scan = was_vector_scan;  // a subquery in the scan's arguments
        Node node{"SubPlan", {}, {}};
        node.children.push_back(combine(nodes_under(row->id)));
        parts.subplans.push_back(std::move(node));
      } else {
        parts.sources.push_back(set_node(*row));
      }
    }
    return parts;
  }

  // Compound selects: each member is a child.
  Node set_node(const StorePlanRow& row) {
    const std::string_view text = row.detail;
    const bool is_all = text.starts_with("COMPOUND") || text.starts_with("UNION ALL");
    const bool is_member = text.starts_with("LEFT-MOST") || text.starts_with("SETUP") ||
                           text.starts_with("RECURSIVE STEP");
    if (is_member) return combine(nodes_under(row.id));
    Parts parts = nodes_under(row.id);
    if (parts.sources.size() == 1 && parts.shaping.empty() && !text.starts_with("COMPOUND")) {
      return combine(std::move(parts));
    }
    Node node{is_all ? "Append" : "SetOp", {}, std::move(parts.sources)};
    if (text.find("CONSTANT ROW") != std::string_view::npos) node.text = "Values Scan";
    return node;
  }

  const Plan::StoreAlias* base_table(std::string_view alias) const {
    for (const auto& known : plan_.aliases) {
      if (known.alias == alias) return &known;
    }
    return nullptr;
  }

  const VectorScan* vector_scan(std::string_view alias) const {
    for (const VectorScan& scan : plan_.vector_scans) {
      if (scan.alias == alias) return &scan;
    }
    return nullptr;
  }

  Node scan(std::string_view text) const {
    const std::string_view alias = scanned_alias(text);
    if (const VectorScan* found = vector_scan(alias)) return vector_node(*found);
    const Plan::StoreAlias* table = base_table(alias);
    if (table == nullptr) {
      if (text.find("CONSTANT ROW") != std::string_view::npos) return {"Values Scan", {}, {}};
      const bool is_function = text.find("VIRTUAL TABLE") != std::string_view::npos;
      const std::string_view what = is_function ? "Function" : "CTE";
      return {fmt::format("{} Scan on {}", what, alias), {}, {}};
    }
    const std::size_t using_at = text.find(" USING ");
    if (using_at == std::string_view::npos) return {"Seq Scan on " + table->display, {}, {}};
    return index_node(text.substr(using_at + 7), *table);
  }

  static Node vector_node(const VectorScan& scan) {
    Node node{fmt::format("Index Scan using {} on {}", scan.index->name, scan.table->name), {}, {}};
    if (!scan.order_text.empty()) node.details.push_back("Order By: " + scan.order_text);
    if (!scan.filter_text.empty()) {
      node.details.push_back("Filter: " + scan.filter_text);
      node.details.emplace_back(
          "Filter Strategy: row by row; a scan of the matching rows when few match");
    }
    return node;
  }

  // "[AUTOMATIC] [PARTIAL] [COVERING] INDEX name (a=?)" or "INTEGER PRIMARY KEY (rowid=?)"
  static Node index_node(std::string_view how, const Plan::StoreAlias& table) {
    const std::string& name = table.display;
    std::string_view condition;
    const std::size_t open = how.find(" (");
    if (open != std::string_view::npos) {
      condition = how.substr(open + 1);
      how = how.substr(0, open);
    }
    bool is_covering = false;
    bool is_automatic = false;
    for (bool again = true; again;) {
      again = false;
      for (const std::string_view prefix : {"AUTOMATIC ", "PARTIAL ", "COVERING ", "INDEX "}) {
        if (!how.starts_with(prefix)) continue;
        how.remove_prefix(prefix.size());
        is_covering = is_covering || prefix == "COVERING ";
        is_automatic = is_automatic || prefix == "AUTOMATIC ";
        again = true;
      }
    }
    std::vector<std::string> details = condition_of(condition, table.relation);
    if (is_automatic) return {"Hash on " + name, std::move(details), {}};
    if (how == "INTEGER PRIMARY KEY") return {"Tid Scan on " + name, std::move(details), {}};
    return {fmt::format("Index {}Scan using {} on {}", is_covering ? "Only " : "",
                        index_name(how, table.relation), name),
            std::move(details),
            {}};
  }

  static std::string_view index_name(std::string_view store_name, const RelationDesc* relation) {
    if (relation == nullptr) return store_name;
    for (const IndexDesc* index : relation->indexes) {
      if (index->store_name == store_name) return index->name;
    }
    return store_name;
  }

  // "(c1=? AND c2>?)" with the columns' own names.
  static std::vector<std::string> condition_of(std::string_view condition,
                                               const RelationDesc* relation) {
    if (condition.empty()) return {};
    std::string text = "Index Cond: ";
    while (!condition.empty()) {
      const auto is_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
      const auto end = std::find_if_not(condition.begin(), condition.end(), is_name);
      const auto length = static_cast<std::size_t>(end - condition.begin());
      text += column_name(condition.substr(0, length), relation);
      condition.remove_prefix(length);
      if (condition.empty()) break;
      text += condition.front();
      condition.remove_prefix(1);
    }
    return {std::move(text)};
  }

  static std::string_view column_name(std::string_view store_name, const RelationDesc* relation) {
    if (relation == nullptr) return store_name;
    for (const ColumnDesc& column : relation->columns) {
      if (column.store_name == store_name) return column.name;
    }
    return store_name;
  }

  static bool is_subplan(std::string_view text) {
    return text.find("SUBQUERY") != std::string_view::npos;
  }

  static std::string shape_of(std::string_view text) {
    if (!text.starts_with("USE TEMP B-TREE")) return {};
    if (text.find("ORDER BY") != std::string_view::npos) return "Sort";
    if (text.find("GROUP BY") != std::string_view::npos) return "GroupAggregate";
    return "Unique";
  }

  const Plan& plan_;
  std::map<int, std::vector<const StorePlanRow*>> children_;
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
