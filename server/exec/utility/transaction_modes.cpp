#include "server/exec/utility/transaction_modes.h"

#include <fmt/format.h>

#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

Isolation isolation_of(std::string_view name) {
  for (const Isolation level : {Isolation::read_uncommitted, Isolation::read_committed,
                                Isolation::repeatable_read, Isolation::serializable}) {
    if (isolation_name(level) == name) return level;
  }
  throw SqlError(sqlstate::invalid_parameter_value,
                 fmt::format("invalid value for parameter \"transaction_isolation\": \"{}\"", name))
      .hint("Available values: serializable, repeatable read, read committed, read uncommitted.");
}

// The constant of a DefElem, booleans as on and off.
std::string constant_text(const raw::Node* node) {
  if (!raw::is(node, PG_QUERY__NODE__NODE_A_CONST)) return std::string(raw::string_of(node));
  const PgQuery__AConst& constant = *node->a_const;
  if (constant.val_case == PG_QUERY__A__CONST__VAL_SVAL) return constant.sval->sval;
  if (constant.val_case == PG_QUERY__A__CONST__VAL_IVAL) {
    return constant.ival->ival != 0 ? "on" : "off";
  }
  return "off";
}

}  // namespace

bool is_transaction_mode(std::string_view name) {
  return name == "transaction_isolation" || name == "transaction_read_only" ||
         name == "transaction_deferrable";
}

std::string show_transaction_mode(const SessionContext& context, std::string_view name) {
  const TransactionMode mode = context.transaction.is_open() ? context.transaction.mode()
                                                             : context.transaction.default_mode();
  if (name == "transaction_isolation") return std::string(isolation_name(mode.isolation));
  if (name == "transaction_read_only") return mode.is_read_only ? "on" : "off";
  return mode.is_deferrable ? "on" : "off";
}

void set_transaction_mode(SessionContext& context, std::string_view name, std::string_view value) {
  Transaction& transaction = context.transaction;
  TransactionMode& mode = transaction.mode();
  if (name == "transaction_isolation") {
    const Isolation level = isolation_of(value);
    if (level == mode.isolation) return;
    if (transaction.has_run_query()) {
      throw SqlError(sqlstate::active_sql_transaction,
                     "SET TRANSACTION ISOLATION LEVEL must be called before any query");
    }
    mode.isolation = level;
    return;
  }
  bool flag = false;
  if (!parse_boolean_setting(value, flag)) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("parameter \"{}\" requires a Boolean value", name));
  }
  if (name == "transaction_deferrable") {
    mode.is_deferrable = flag;
    return;
  }
  if (mode.is_read_only && !flag) {
    if (transaction.has_savepoints()) {
      throw SqlError(sqlstate::active_sql_transaction,
                     "cannot set transaction read-write mode inside a read-only transaction");
    }
    if (transaction.has_run_query()) {
      throw SqlError(sqlstate::active_sql_transaction,
                     "transaction read-write mode must be set before any query");
    }
  }
  mode.is_read_only = flag;
}

void apply_transaction_modes(SessionContext& context, raw::NodeList options) {
  for (const raw::Node* node : options) {
    if (!raw::is(node, PG_QUERY__NODE__NODE_DEF_ELEM)) continue;
    set_transaction_mode(context, node->def_elem->defname, constant_text(node->def_elem->arg));
  }
}

}  // namespace dvecdb::server::exec
