// SET, RESET, SHOW.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "server/exec/settings/special_settings.h"
#include "server/exec/utility/transaction_modes.h"
#include "server/exec/utility/utility.h"
#include "server/query/deparse.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::exec {

using types::SqlError;
using types::TypeRef;
namespace raw = query::raw;
namespace sqlstate = types::sqlstate;

namespace {

// "<+05>-05": an offset in hours east as a POSIX zone.
std::string zone_of_hours(double hours) {
  const int minutes = static_cast<int>(std::abs(hours) * 60 + 0.5);
  const std::string shown = minutes % 60 == 0
                                ? fmt::format("{:02}", minutes / 60)
                                : fmt::format("{:02}:{:02}", minutes / 60, minutes % 60);
  return fmt::format("<{0}{1}>{2}{1}", hours < 0 ? '-' : '+', shown, hours < 0 ? '+' : '-');
}

std::string argument_text(const PgQuery__VariableSetStmt& statement, const raw::Node* node,
                          bool quotes) {
  const bool is_zone = std::string_view(statement.name) == "timezone";
  if (raw::is(node, PG_QUERY__NODE__NODE_TYPE_CAST)) {
    // SET TIME ZONE INTERVAL '+5:30'
    const raw::Node* inner = node->type_cast->arg;
    const std::string text(raw::is(inner, PG_QUERY__NODE__NODE_A_CONST) &&
                                   inner->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL
                               ? inner->a_const->sval->sval
                               : "");
    const std::size_t colon = text.find(':');
    double hours = std::atof(text.c_str());
    if (colon != std::string::npos) {
      const double part = std::atof(text.substr(colon + 1).c_str()) / 60;
      hours += text.find('-') == 0 ? -part : part;
    }
    return zone_of_hours(hours);
  }
  if (!raw::is(node, PG_QUERY__NODE__NODE_A_CONST)) return std::string(raw::string_of(node));
  const PgQuery__AConst& constant = *node->a_const;
  switch (constant.val_case) {
    case PG_QUERY__A__CONST__VAL_IVAL:
      return is_zone ? zone_of_hours(constant.ival->ival) : std::to_string(constant.ival->ival);
    case PG_QUERY__A__CONST__VAL_FVAL:
      return is_zone ? zone_of_hours(std::atof(constant.fval->fval)) : constant.fval->fval;
    case PG_QUERY__A__CONST__VAL_SVAL:
      return quotes ? query::quote_identifier(constant.sval->sval) : constant.sval->sval;
    default:
      return {};
  }
}

void set_session_authorization(SessionContext& context, std::string_view name) {
  const catalog::RoleDesc* role = context.snapshot().find_role(name);
  if (role == nullptr) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("role \"{}\" does not exist", name));
  }
  if (!context.session_is_superuser && name != context.options.user) {
    throw SqlError(sqlstate::insufficient_privilege,
                   "permission denied to set session authorization");
  }
  context.session_user = name;
  context.settings.set_internal("session_authorization", std::string(name));
  context.settings.set_internal("is_superuser", role->is_superuser ? "on" : "off");
  context.settings.set("role", "none", false, true);
}

void set_role(SessionContext& context, std::string_view name, bool is_local) {
  if (name != "none") {
    const catalog::RoleDesc* role = context.snapshot().find_role(name);
    if (role == nullptr) {
      throw SqlError(sqlstate::invalid_parameter_value,
                     fmt::format("role \"{}\" does not exist", name));
    }
    const catalog::RoleDesc* session = context.snapshot().find_role(context.session_user);
    const bool is_superuser = session != nullptr && session->is_superuser;
    if (!is_superuser && !context.is_member(context.session_user, role->oid)) {
      throw SqlError(sqlstate::insufficient_privilege,
                     fmt::format("permission denied to set role \"{}\"", name));
    }
  }
  context.set_role(name, is_local);
}

void warn_local(SessionContext& context, bool is_local) {
  if (!is_local || context.transaction.state() == TransactionState::block) return;
  context.notice("WARNING", sqlstate::no_active_sql_transaction,
                 "SET LOCAL can only be used in transaction blocks");
}

void set_value(UtilityCall& call) {
  const PgQuery__VariableSetStmt& statement = *call.node->variable_set_stmt;
  SessionContext& context = call.context;
  const std::string_view name = statement.name;
  const std::string value = flatten_set_arguments(statement);
  const bool is_local = statement.is_local != 0;
  warn_local(context, is_local);
  if (is_transaction_mode(name)) {
    set_transaction_mode(context, name, value);
  } else if (name == "session_authorization") {
    set_session_authorization(context, value);
  } else if (name == "role") {
    set_role(context, value, is_local);
  } else if (name == "seed") {
    context.environment.seed_random(std::atof(value.c_str()));
  } else {
    context.settings.set(name, value, is_local, context.is_superuser());
  }
}

// SET TRANSACTION and SET SESSION CHARACTERISTICS.
void set_multi(UtilityCall& call) {
  const PgQuery__VariableSetStmt& statement = *call.node->variable_set_stmt;
  SessionContext& context = call.context;
  const raw::NodeList options = raw::list(statement.n_args, statement.args);
  if (std::string_view(statement.name) == "TRANSACTION") {
    if (context.transaction.state() != TransactionState::block) {
      context.notice("WARNING", sqlstate::no_active_sql_transaction,
                     "SET TRANSACTION can only be used in transaction blocks");
    }
    apply_transaction_modes(context, options);
    return;
  }
  if (std::string_view(statement.name) != "SESSION CHARACTERISTICS") {
    throw SqlError(sqlstate::feature_not_supported, "SET TRANSACTION SNAPSHOT is not supported");
  }
  for (const raw::Node* node : options) {
    const raw::Node* arg = node->def_elem->arg;
    const bool is_text = raw::is(arg, PG_QUERY__NODE__NODE_A_CONST) &&
                         arg->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL;
    const std::string value = is_text                         ? arg->a_const->sval->sval
                              : arg->a_const->ival->ival != 0 ? "on"
                                                              : "off";
    context.settings.set(fmt::format("default_{}", node->def_elem->defname), value, false, true);
  }
}

void reset(UtilityCall& call) {
  const PgQuery__VariableSetStmt& statement = *call.node->variable_set_stmt;
  SessionContext& context = call.context;
  const std::string_view name = statement.name;
  const bool is_local = statement.is_local != 0;
  warn_local(context, is_local);
  if (name == "session_authorization") {
    set_session_authorization(context, context.options.user);
  } else if (is_transaction_mode(name)) {
    const TransactionMode mode = context.transaction.default_mode();
    set_transaction_mode(context, name,
                         name == "transaction_isolation" ? isolation_name(mode.isolation)
                         : mode.is_read_only             ? "on"
                                                         : "off");
  } else {
    context.settings.reset(name, is_local, context.is_superuser());
  }
}

}  // namespace

std::string flatten_set_arguments(const PgQuery__VariableSetStmt& statement) {
  const std::string_view name = statement.name;
  if (statement.n_args > 1 && !is_list_setting(name)) {
    throw SqlError(sqlstate::invalid_parameter_value,
                   fmt::format("SET {} takes only one argument", name));
  }
  std::string value;
  for (std::size_t i = 0; i < statement.n_args; ++i) {
    if (i > 0) value += ", ";
    value += argument_text(statement, statement.args[i], is_quoted_list_setting(name));
  }
  return value;
}

StatementResult run_set(UtilityCall& call) {
  const PgQuery__VariableSetStmt& statement = *call.node->variable_set_stmt;
  switch (statement.kind) {
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE:
      set_value(call);
      return tag_result("SET");
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI:
      set_multi(call);
      return tag_result("SET");
    case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET:
      reset(call);
      return tag_result("RESET");
    case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL:
      call.context.settings.reset_all();
      return tag_result("RESET");
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT:
      reset(call);
      return tag_result("SET");
    default:
      return tag_result("SET");  // FROM CURRENT changes nothing for the session
  }
}

std::vector<ResultColumn> describe_show(const PgQuery__VariableShowStmt& statement,
                                        SessionContext& context) {
  const TypeRef text{types::oids::text, -1};
  const std::string_view name = statement.name;
  if (name == "all") {
    return {{"name", text, 0, 0}, {"setting", text, 0, 0}, {"description", text, 0, 0}};
  }
  const SettingDefinition* definition = context.settings.table().find(name);
  return {{definition != nullptr ? definition->name : std::string(name), text, 0, 0}};
}

StatementResult run_show(UtilityCall& call) {
  SessionContext& context = call.context;
  const PgQuery__VariableShowStmt& statement = *call.node->variable_show_stmt;
  std::vector<std::string> names;
  for (const ResultColumn& column : describe_show(statement, context)) {
    names.push_back(column.name);
  }
  TextResult result(std::move(names), "SHOW");
  const std::string_view name = statement.name;
  if (name == "all") {
    for (const SettingDefinition& d : context.settings.table().all()) {
      if (!d.is_listed) continue;
      const std::string value = is_transaction_mode(d.name) ? show_transaction_mode(context, d.name)
                                                            : context.settings.show(d.name);
      result.add({d.name, value, d.short_description});
    }
    return result.take();
  }
  result.add({is_transaction_mode(name) ? show_transaction_mode(context, name)
                                        : context.settings.show(name)});
  return result.take();
}

}  // namespace dvecdb::server::exec
