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

using Node = ExplainNode;
using Nodes = std::vector<Node>;

std::string heading(const Node& node) {
  std::string text = node.type;
  if (!node.index.empty()) text += " using " + node.index;
  if (!node.relation.empty()) text += " on " + node.relation;
  return node.alias.empty() ? text : text + " " + node.alias;
}

void print(const Node& node, std::size_t depth, std::vector<std::string>& out) {
  const std::size_t indent = depth == 0 ? 0 : depth * 6 - 4;
  out.push_back(std::string(indent, ' ') + (depth == 0 ? "" : "->  ") + heading(node));
  const std::size_t property_indent = depth == 0 ? 2 : indent + 6;
  for (const auto& [name, value] : node.properties) {
    out.push_back(fmt::format("{:{}}{}: {}", "", property_indent, name, value));
  }
  for (const Node& child : node.children) print(child, depth + 1, out);
}

class Explainer {
 public:
  Explainer(const Plan& plan, std::span<const StorePlanRow> rows) : plan_(plan) {
    for (const StorePlanRow& row : rows) children_[row.parent].push_back(&row);
  }

  Node root() {
    Node root = combine(nodes_under(0));
    if (plan_.command == CommandKind::insert) root = on("Insert", plan_.insert.table, root);
    if (plan_.command == CommandKind::update) root = on("Update", plan_.update.table, root);
    if (plan_.command == CommandKind::delete_) root = on("Delete", plan_.delete_.table, root);
    return root;
  }

 private:
  static Node of_type(std::string type) {
    Node node;
    node.type = std::move(type);
    return node;
  }

  static Node above(std::string type, Node source) {
    Node node = of_type(std::move(type));
    node.children.push_back(std::move(source));
    return node;
  }

  static Node on(std::string verb, const RelationDesc* table, Node source) {
    Node node = above(std::move(verb), std::move(source));
    if (table != nullptr) node.relation = table->name;
    return node;
  }

  static Node scan_of(std::string type, const Plan::StoreAlias& table) {
    Node node = of_type(std::move(type));
    node.relation = table.relation == nullptr ? table.display : table.relation->name;
    if (table.display != node.relation) node.alias = table.display.substr(node.relation.size() + 1);
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
      node.type = "Result";
    } else if (parts.sources.size() == 1) {
      node = std::move(parts.sources.front());
    } else {
      node.type = "Nested Loop";
      node.children = std::move(parts.sources);
    }
    for (std::string& shape : parts.shaping) node = above(std::move(shape), std::move(node));
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
        parts.subplans.push_back(above("SubPlan", combine(nodes_under(row->id))));
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
    Node node = of_type(is_all ? "Append" : "SetOp");
    node.children = std::move(parts.sources);
    if (text.find("CONSTANT ROW") != std::string_view::npos) node.type = "Values Scan";
    return node;
  }

  const Plan::StoreAlias* base_table(std::string_view alias) const {
    for (const auto& known : plan_.aliases) {
      if (known.alias == alias) return &known;
    }
    // A bare count(*) is told by the table's own name.
    for (const auto& known : plan_.aliases) {
      if (known.relation != nullptr && known.relation->store_name == alias) return &known;
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
      if (text.find("CONSTANT ROW") != std::string_view::npos) return of_type("Values Scan");
      const bool is_function = text.find("VIRTUAL TABLE") != std::string_view::npos;
      Node node = of_type(is_function ? "Function Scan" : "CTE Scan");
      node.relation = alias;
      return node;
    }
    const std::size_t using_at = text.find(" USING ");
    if (using_at == std::string_view::npos) return scan_of("Seq Scan", *table);
    return index_node(text.substr(using_at + 7), *table);
  }

  static Node vector_node(const VectorScan& scan) {
    Node node = of_type("Index Scan");
    node.index = scan.index->name;
    node.relation = scan.table->name;
    if (!scan.order_text.empty()) node.properties.emplace_back("Order By", scan.order_text);
    if (!scan.filter_text.empty()) {
      node.properties.emplace_back("Filter", scan.filter_text);
      node.properties.emplace_back("Filter Strategy",
                                   "row by row; a scan of the matching rows when few match");
    }
    return node;
  }

  // "[AUTOMATIC] [PARTIAL] [COVERING] INDEX name (a=?)" or "INTEGER PRIMARY KEY (rowid=?)"
  static Node index_node(std::string_view how, const Plan::StoreAlias& table) {
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
    Node node = scan_of(is_covering ? "Index Only Scan" : "Index Scan", table);
    if (is_automatic) {
      node.type = "Hash";
    } else if (how == "INTEGER PRIMARY KEY") {
      node.type = "Tid Scan";
    } else {
      node.index = index_name(how, table.relation);
    }
    if (!condition.empty()) {
      node.properties.emplace_back("Index Cond", condition_of(condition, table.relation));
    }
    return node;
  }

  static std::string_view index_name(std::string_view store_name, const RelationDesc* relation) {
    if (relation == nullptr) return store_name;
    for (const IndexDesc* index : relation->indexes) {
      if (index->store_name == store_name) return index->name;
    }
    return store_name;
  }

  // "(c1=? AND c2>?)" with the columns' own names.
  static std::string condition_of(std::string_view condition, const RelationDesc* relation) {
    std::string text;
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
    return text;
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

ExplainNode explain_plan(const Plan& plan, std::span<const StorePlanRow> rows) {
  return Explainer(plan, rows).root();
}

std::vector<std::string> explain_lines(const ExplainNode& root) {
  std::vector<std::string> lines;
  print(root, 0, lines);
  return lines;
}

}  // namespace dvecdb::server::query
