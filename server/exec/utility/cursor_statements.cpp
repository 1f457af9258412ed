// DECLARE, FETCH, MOVE, CLOSE.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "server/exec/statement_runner.h"
#include "server/exec/utility/utility.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

// CURSOR_OPT_* of PostgreSQL's parsenodes.h.
constexpr int option_binary = 0x0001;
constexpr int option_scroll = 0x0002;
constexpr int option_no_scroll = 0x0004;
constexpr int option_hold = 0x0020;

// Rows of a cursor are read as far as they are asked for, and kept to be able to go back.
class CursorReader {
 public:
  explicit CursorReader(Portal& portal) : portal_(portal) {
    if (!portal_.rows) portal_.rows = std::make_unique<RowBuffer>();
  }

  std::int64_t position() const { return portal_.position; }
  // Whether there is a row `number` (from 1).
  bool reach(std::int64_t number) {
    std::vector<Value> row;
    while (!portal_.is_done && static_cast<std::int64_t>(portal_.rows->size()) < number) {
      if (portal_.result.rows->next(row)) {
        portal_.rows->add(row);
      } else {
        portal_.is_done = true;
        portal_.result.rows.reset();
      }
    }
    return static_cast<std::int64_t>(portal_.rows->size()) >= number;
  }
  std::int64_t reach_end() {
    reach(std::numeric_limits<std::int64_t>::max());
    return static_cast<std::int64_t>(portal_.rows->size());
  }
  const std::vector<Value>& row(std::int64_t number) const {
    return portal_.rows->at(static_cast<std::size_t>(number - 1));
  }
  void move_to(std::int64_t position) { portal_.position = position; }

 private:
  Portal& portal_;
};

void check_may_go_back(const Portal& portal) {
  if (!portal.no_scroll) return;
  throw SqlError(sqlstate::object_not_in_prerequisite_state, "cursor can only scan forward")
      .hint("Declare it with SCROLL option to enable backward scan.");
}

constexpr std::int64_t all_rows = std::numeric_limits<std::int64_t>::max();

// Up to `count` rows from the position in one direction; answers how many.
std::int64_t fetch_run(Portal& portal, std::int64_t count, bool forward, RowBuffer& out) {
  CursorReader reader(portal);
  std::int64_t done = 0;
  if (count == 0) {
    // The current row again.
    if (portal.position < 1 || !reader.reach(portal.position)) return 0;
    out.add(reader.row(portal.position));
    return 1;
  }
  if (!forward) check_may_go_back(portal);
  while (done < count) {
    const std::int64_t next = reader.position() + (forward ? 1 : -1);
    const bool is_there = forward ? reader.reach(next) : next >= 1;
    reader.move_to(std::max<std::int64_t>(next, 0));
    if (!is_there) {
      if (forward) reader.move_to(reader.reach_end() + 1);
      break;
    }
    out.add(reader.row(next));
    ++done;
  }
  return done;
}

std::int64_t fetch_absolute(Portal& portal, std::int64_t target, RowBuffer& out) {
  CursorReader reader(portal);
  if (target < 0) target = reader.reach_end() + 1 + target;
  if (target < reader.position()) check_may_go_back(portal);
  if (target < 1) {
    reader.move_to(0);
    return 0;
  }
  if (!reader.reach(target)) {
    reader.move_to(reader.reach_end() + 1);
    return 0;
  }
  reader.move_to(target);
  out.add(reader.row(target));
  return 1;
}

std::int64_t fetch_rows(Portal& portal, const PgQuery__FetchStmt& statement, RowBuffer& out) {
  const std::int64_t count = statement.how_many;
  switch (statement.direction) {
    case PG_QUERY__FETCH_DIRECTION__FETCH_BACKWARD:
      return count < 0 ? fetch_run(portal, -count, true, out)
                       : fetch_run(portal, count, false, out);
    case PG_QUERY__FETCH_DIRECTION__FETCH_ABSOLUTE:
      return fetch_absolute(portal, count, out);
    case PG_QUERY__FETCH_DIRECTION__FETCH_RELATIVE:
      if (count == 0) return fetch_run(portal, 0, true, out);
      return fetch_absolute(portal, std::max<std::int64_t>(portal.position + count, 0), out);
    default:
      return count < 0
                 ? fetch_run(portal,
                             count == std::numeric_limits<std::int64_t>::min() ? all_rows : -count,
                             false, out)
                 : fetch_run(portal, count, true, out);
  }
}

}  // namespace

StatementResult run_declare_cursor(UtilityCall& call) {
  SessionContext& context = call.context;
  const PgQuery__DeclareCursorStmt& declared = *call.node->declare_cursor_stmt;
  const bool is_held = (declared.options & option_hold) != 0;
  if (context.transaction.state() != TransactionState::block && !is_held) {
    throw SqlError(sqlstate::no_active_sql_transaction,
                   "DECLARE CURSOR can only be used in transaction blocks");
  }
  const std::string name(raw::view(declared.portalname));
  if (name.empty()) {
    throw SqlError(sqlstate::invalid_cursor_name, "invalid cursor name: must not be empty");
  }
  const StatementPtr inner = inner_statement(call.statement, declared.query);
  if (!raw::is(declared.query, PG_QUERY__NODE__NODE_SELECT_STMT)) {
    throw SqlError(sqlstate::invalid_cursor_definition,
                   "DECLARE CURSOR must not contain data-modifying statements");
  }
  analyze_statement(context, *inner, false);
  if (inner->plan->plan.has_parts()) {
    throw SqlError(sqlstate::feature_not_supported,
                   "DECLARE CURSOR must not contain data-modifying statements in WITH");
  }
  const PortalPtr portal = context.cursors.add(name);
  try {
    portal->statement = inner;
    portal->parameters = call.parameters;
    portal->is_cursor = true;
    portal->is_scrollable = (declared.options & option_scroll) != 0;
    portal->no_scroll = (declared.options & option_no_scroll) != 0;
    portal->is_binary = (declared.options & option_binary) != 0;
    portal->is_held = is_held;
    portal->query_text = call.statement.source();
    portal->creation_time = clock_now();
    portal->formats.assign(inner->columns.size(), portal->is_binary ? 1 : 0);
    portal->result = run_statement(context, *inner, portal->parameters);
    portal->is_started = true;
    // A cursor does not see what its transaction writes after it was opened.
    if (context.transaction.is_writing()) {
      portal->result.rows = buffer_rows(*portal->result.rows);
    }
    if (is_held && context.transaction.state() != TransactionState::block) context.hold_cursors();
  } catch (...) {
    context.cursors.remove(name);
    throw;
  }
  return tag_result("DECLARE CURSOR");
}

StatementResult run_fetch(UtilityCall& call) {
  const PgQuery__FetchStmt& statement = *call.node->fetch_stmt;
  const PortalPtr portal = call.context.cursors.get_cursor(statement.portalname);
  auto rows = std::make_unique<RowBuffer>();
  const std::int64_t count = fetch_rows(*portal, statement, *rows);
  StatementResult result;
  result.tag = fmt::format("{} {}", statement.ismove != 0 ? "MOVE" : "FETCH", count);
  if (statement.ismove != 0) return result;
  result.has_rows = true;
  result.columns = portal->statement->columns;
  result.rows = std::move(rows);
  return result;
}

StatementResult run_close_cursor(UtilityCall& call) {
  const std::string name(raw::view(call.node->close_portal_stmt->portalname));
  if (name.empty()) {
    std::vector<std::string> names;
    for (const auto& [cursor, portal] : call.context.cursors.all()) {
      if (portal->is_cursor) names.push_back(cursor);
    }
    for (const std::string& cursor : names) call.context.cursors.remove(cursor);
    return tag_result("CLOSE CURSOR ALL");
  }
  call.context.cursors.get_cursor(name);
  call.context.cursors.remove(name);
  return tag_result("CLOSE CURSOR");
}

}  // namespace dvecdb::server::exec
