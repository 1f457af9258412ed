// EXPLAIN: the store's plan told with the statement's names; ANALYZE runs the statement too.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>

#include "server/exec/select_stream.h"
#include "server/exec/statement_runner.h"
#include "server/exec/utility/utility.h"
#include "server/query/explain.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

enum class ExplainFormat : std::uint8_t { text, json, xml, yaml };

struct Options {
  bool analyze = false;
  bool verbose = false;
  bool costs = true;
  bool timing = true;
  std::optional<bool> summary;
  ExplainFormat format = ExplainFormat::text;
};

std::string option_text(const raw::Node* arg) {
  if (arg == nullptr) return "true";
  switch (arg->node_case) {
    case PG_QUERY__NODE__NODE_STRING:
      return arg->string->sval;
    case PG_QUERY__NODE__NODE_INTEGER:
      return std::to_string(arg->integer->ival);
    case PG_QUERY__NODE__NODE_BOOLEAN:
      return arg->boolean->boolval != 0 ? "true" : "false";
    default:
      return {};
  }
}

ExplainFormat parse_format(const std::string& text) {
  if (text == "text") return ExplainFormat::text;
  if (text == "json") return ExplainFormat::json;
  if (text == "xml") return ExplainFormat::xml;
  if (text == "yaml") return ExplainFormat::yaml;
  throw SqlError(sqlstate::invalid_parameter_value,
                 fmt::format("unrecognized value for EXPLAIN option \"format\": \"{}\"", text));
}

Options parse_options(const PgQuery__ExplainStmt& statement) {
  Options options;
  for (const raw::Node* node : raw::list(statement.n_options, statement.options)) {
    const std::string_view name = node->def_elem->defname;
    const std::string text = option_text(node->def_elem->arg);
    if (name == "format") {
      options.format = parse_format(text);
      continue;
    }
    bool flag = false;
    if (!parse_boolean_setting(text, flag)) {
      throw SqlError(sqlstate::syntax_error, fmt::format("{} requires a Boolean value", name));
    }
    if (name == "analyze") {
      options.analyze = flag;
    } else if (name == "verbose") {
      options.verbose = flag;
    } else if (name == "costs") {
      options.costs = flag;
    } else if (name == "timing") {
      options.timing = flag;
    } else if (name == "summary") {
      options.summary = flag;
    } else if (name != "buffers" && name != "settings" && name != "wal") {
      throw SqlError(sqlstate::syntax_error,
                     fmt::format("unrecognized EXPLAIN option \"{}\"", name));
    }
  }
  return options;
}

std::vector<query::StorePlanRow> store_plan(storage::Connection& connection, std::string_view sql) {
  std::vector<query::StorePlanRow> rows;
  storage::Statement plan = connection.prepare(fmt::format("EXPLAIN QUERY PLAN {}", sql));
  while (plan.step()) {
    query::StorePlanRow row;
    row.id = static_cast<int>(plan.column(0).as_integer());
    row.parent = static_cast<int>(plan.column(1).as_integer());
    row.detail = plan.column(3).as_bytes();
    rows.push_back(std::move(row));
  }
  return rows;
}

// The plan, with its parts below it.
query::ExplainNode whole_plan(storage::Connection& connection, const query::Plan& plan,
                              bool shows_store_sql) {
  const std::string_view sql = query::explained_sql(plan);
  query::ExplainNode root = query::explain_plan(plan, store_plan(connection, sql));
  if (shows_store_sql) root.properties.emplace_back("Store SQL", sql);
  for (const std::vector<query::Plan>* parts : {&plan.before, &plan.after}) {
    for (const query::Plan& part : *parts) {
      query::ExplainNode cte;
      cte.type = "CTE";
      cte.children.push_back(whole_plan(connection, part, shows_store_sql));
      root.children.push_back(std::move(cte));
    }
  }
  return root;
}

// The temporary tables that the parts' SQL names; in memory, where the plan is looked at.
void make_temporary_tables(storage::Connection& connection, const query::Plan& plan) {
  for (const std::vector<query::Plan>* parts : {&plan.before, &plan.after}) {
    for (const query::Plan& part : *parts) {
      if (part.output) connection.execute(query::create_rows_sql(*part.output));
      if (part.changes) connection.execute(query::create_changes_sql(*part.changes));
    }
  }
}

// With hnsw.target_recall: what ef_search the scans of vector indexes take for it.
void add_ef_search(SessionContext& context, const query::Plan& plan, query::ExplainNode& node) {
  const double recall = std::strtod(context.settings.raw("hnsw.target_recall").c_str(), nullptr);
  if (recall == 0) return;
  for (const query::VectorScan& scan : plan.vector_scans) {
    if (node.index != scan.index->name || node.relation != scan.table->name) continue;
    const std::size_t ef =
        context.database->store().vector_indexes().ef_for(scan.index->oid, recall, scan.limit);
    if (ef > 0) node.properties.emplace_back("Ef Search", std::to_string(ef));
  }
  for (query::ExplainNode& child : node.children) add_ef_search(context, plan, child);
}

struct Measured {
  std::int64_t rows = 0;
  double milliseconds = 0;
};

Measured run_measured(SessionContext& context, Statement& statement,
                      const std::vector<Value>& parameters) {
  const auto start = std::chrono::steady_clock::now();
  Measured measured;
  StatementResult result = run_statement(context, statement, parameters);
  std::vector<Value> row;
  while (result.rows && result.rows->next(row)) {
    ++measured.rows;
    if ((measured.rows & 63) == 0) context.check_cancel();
  }
  measured.milliseconds =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return measured;
}

std::string measured_text(const Measured& measured, bool has_time) {
  if (!has_time) return fmt::format(" (actual rows={} loops=1)", measured.rows);
  return fmt::format(" (actual time={:.3f}..{:.3f} rows={} loops=1)", 0.0, measured.milliseconds,
                     measured.rows);
}

// The query behind EXPLAIN: SELECT and DML as they are, EXECUTE and others by what they run.
StatementPtr explained(UtilityCall& call) {
  const raw::Node* node = call.node->explain_stmt->query;
  if (raw::is(node, PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT)) {
    node = node->declare_cursor_stmt->query;
  }
  if (raw::is(node, PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT)) {
    node = node->create_table_as_stmt->query;
  }
  if (raw::is(node, PG_QUERY__NODE__NODE_EXECUTE_STMT)) {
    return call.context.prepared.get(raw::view(node->execute_stmt->name)).statement;
  }
  return inner_statement(call.statement, node);
}

boost::json::object json_node(const query::ExplainNode& node) {
  boost::json::object plan;
  const bool modifies = node.type == "Insert" || node.type == "Update" || node.type == "Delete";
  plan["Node Type"] = modifies ? "ModifyTable" : node.type;
  if (modifies) plan["Operation"] = node.type;
  if (!node.index.empty()) plan["Index Name"] = node.index;
  if (!node.relation.empty()) {
    plan["Relation Name"] = node.relation;
    plan["Alias"] = node.alias.empty() ? node.relation : node.alias;
  }
  for (const auto& [name, value] : node.properties) plan[name] = value;
  if (node.children.empty()) return plan;
  boost::json::array children;
  for (const query::ExplainNode& child : node.children) children.push_back(json_node(child));
  plan["Plans"] = std::move(children);
  return plan;
}

std::string json_text(const query::ExplainNode& root, const Options& options,
                      const Measured& measured, double planning) {
  boost::json::object plan = json_node(root);
  if (options.analyze) {
    plan["Actual Rows"] = measured.rows;
    if (options.timing) plan["Actual Total Time"] = measured.milliseconds;
  }
  boost::json::object item;
  item["Plan"] = std::move(plan);
  if (options.summary.value_or(options.analyze)) item["Planning Time"] = planning;
  if (options.analyze) item["Execution Time"] = measured.milliseconds;
  return boost::json::serialize(boost::json::array{std::move(item)});
}

}  // namespace

std::vector<ResultColumn> describe_explain(const PgQuery__ExplainStmt& statement) {
  const Options options = parse_options(statement);
  const Oid type = options.format == ExplainFormat::json ? types::oids::json : types::oids::text;
  return {{"QUERY PLAN", {type, -1}, 0, 0}};
}

StatementResult run_explain(UtilityCall& call) {
  SessionContext& context = call.context;
  const Options options = parse_options(*call.node->explain_stmt);
  if (options.format == ExplainFormat::xml || options.format == ExplainFormat::yaml) {
    throw SqlError(sqlstate::feature_not_supported,
                   "EXPLAIN formats XML and YAML are not supported");
  }
  const auto start = std::chrono::steady_clock::now();
  const StatementPtr statement = explained(call);
  TextResult result({"QUERY PLAN"}, "EXPLAIN");
  if (!statement->raw.is_query) {
    result.add({"Utility statements have no plan structure"});
    return result.take();
  }
  analyze_statement(context, *statement, false);
  const CachedPlanPtr plan = plan_for_explain(context, *statement);
  query::ExplainNode root;
  {
    StatementConnection connection = context.transaction.reader();
    context.environment.set_connection(&*connection);
    make_temporary_tables(*connection, plan->plan);
    root = whole_plan(*connection, plan->plan, options.verbose);
    add_ef_search(context, plan->plan, root);
  }
  const double planning =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  Measured measured;
  if (options.analyze) measured = run_measured(context, *statement, call.parameters);
  if (options.format == ExplainFormat::json) {
    result.add({json_text(root, options, measured, planning)});
    StatementResult json = result.take();
    json.columns = call.statement.columns;
    return json;
  }
  std::vector<std::string> lines = query::explain_lines(root);
  if (options.analyze) lines.front() += measured_text(measured, options.timing);
  for (std::string& line : lines) result.add({std::move(line)});
  if (options.summary.value_or(options.analyze)) {
    result.add({fmt::format("Planning Time: {:.3f} ms", planning)});
  }
  if (options.analyze && options.summary.value_or(true)) {
    result.add({fmt::format("Execution Time: {:.3f} ms", measured.milliseconds)});
  }
  return result.take();
}

}  // namespace dvecdb::server::exec
