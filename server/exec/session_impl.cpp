#include "server/exec/session_impl.h"

#include <fmt/format.h>

#include "server/exec/ddl/ddl.h"
#include "server/exec/privileges.h"
#include "server/exec/statement_runner.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

namespace {

// "INSERT 0 5" -> "INSERT": no command's name has a digit.
std::string_view command_of(std::string_view tag) {
  const std::size_t digit = tag.find_first_of("0123456789");
  return digit == std::string_view::npos ? tag : tag.substr(0, digit - 1);
}

}  // namespace

using types::ErrorFields;
using types::SqlError;
namespace sqlstate = types::sqlstate;

SessionImpl::SessionImpl(EngineCore& core, std::shared_ptr<OpenDatabase> database,
                         const SessionOptions& options)
    : context_(core, std::move(database), options) {
  apply_start_settings();
  require_database_connect(context_);
  context_.settings.take_reports();
  context_.database->session_opened();
  catalog::SessionActivity activity;
  activity.pid = options.pid;
  activity.database = context_.database->oid();
  activity.role = context_.role().oid;
  activity.application_name = context_.settings.raw("application_name");
  activity.client_address = options.client_address;
  activity.client_port = options.client_port;
  activity.tls_version = options.encryption.version;
  activity.tls_cipher = options.encryption.cipher;
  activity.tls_bits = options.encryption.bits;
  activity.started = clock_now();
  activity.state = "idle";
  activity.state_changed = activity.started;
  activity_ = std::make_shared<SessionActivityEntry>(this, std::move(activity));
  core.add_session(activity_);
}

SessionImpl::~SessionImpl() {
  context_.engine.remove_session(activity_);
  context_.cursors.clear();
  pending_.reset();
  if (context_.transaction.is_open()) context_.transaction.rollback();
  context_.database->notifications().unlisten_all(context_.options.pid);
  context_.environment.advisory_unlock_all();
  drop_temp_schema();
  context_.database->session_closed();
}

void SessionImpl::drop_temp_schema() {
  if (!context_.temp_schema_used) return;
  context_.cancelled = false;
  try {
    context_.transaction.begin_implicit();
    drop_temp_objects(context_);
    context_.transaction.commit();
  } catch (const std::exception&) {
    // What is left is dropped by the next session that gets this number.
    if (context_.transaction.is_open()) context_.transaction.rollback();
  }
}

void SessionImpl::set_state(std::string_view state) {
  const std::int64_t now = clock_now();
  activity_->change([&](catalog::SessionActivity& activity) {
    activity.state = state;
    activity.state_changed = now;
    activity.transaction_started =
        context_.transaction.is_open() ? context_.transaction.start_time() : 0;
    if (state != "active") return;
    activity.statement = current_text_;
    activity.statement_started = now;
  });
}

void SessionImpl::apply_start_settings() {
  const catalog::Snapshot& snapshot = context_.snapshot();
  const catalog::RoleDesc* role = snapshot.find_role(context_.session_user);
  if (role == nullptr) {
    throw SqlError(sqlstate::invalid_authorization_specification,
                   fmt::format("role \"{}\" does not exist", context_.session_user));
  }
  context_.session_is_superuser = role->is_superuser;
  const auto apply = [&](types::Oid database, types::Oid role_oid) {
    for (const catalog::RoleSetting& setting : snapshot.role_settings()) {
      if (setting.database != database || setting.role != role_oid) continue;
      for (const std::string& assignment : setting.assignments) {
        const std::size_t equals = assignment.find('=');
        if (equals == std::string::npos) continue;
        context_.settings.set_start_value(assignment.substr(0, equals),
                                          assignment.substr(equals + 1), true);
      }
    }
  };
  const types::Oid database = context_.database->oid();
  apply(0, 0);
  apply(database, 0);
  apply(0, role->oid);
  apply(database, role->oid);
  const bool is_superuser = role->is_superuser;
  for (const auto& [name, value] : context_.options.settings) {
    context_.settings.set_start_value(name, value, is_superuser);
  }
  context_.settings.set_internal("is_superuser", is_superuser ? "on" : "off");
  context_.settings.set_internal("session_authorization", context_.session_user);
}

// ---------------------------------------------------------------- errors

void SessionImpl::report_error(ResultSink& sink, const ErrorFields& fields) {
  const bool was_stopped = fields.sqlstate == sqlstate::query_canceled && context_.cancelled.load();
  if (was_stopped) {
    const SqlError stopped = context_.stop_error();
    context_.transaction.fail();
    report_statement(current_text_, current_tag_, 0, &stopped.fields());
    sink.error(stopped.fields());
    return;
  }
  context_.transaction.fail();
  report_statement(current_text_, current_tag_, 0, &fields);
  sink.error(fields);
}

bool SessionImpl::guarded(ResultSink& sink, std::string_view text,
                          const std::function<void()>& step) {
  current_text_ = text;
  context_.sink = &sink;
  if (!text.empty()) set_state("active");
  try {
    context_.transaction.see_catalog();
    step();
    return true;
  } catch (const SqlError& error) {
    report_error(sink, error.fields());
  } catch (const std::bad_alloc&) {
    ErrorFields fields;
    fields.sqlstate = sqlstate::out_of_memory;
    fields.message = "out of memory";
    report_error(sink, fields);
  } catch (const std::exception& error) {
    ErrorFields fields;
    fields.sqlstate = sqlstate::internal_error;
    fields.message = error.what();
    report_error(sink, fields);
  }
  if (!context_.transaction.is_open()) context_.cursors.end_transaction();
  return false;
}

void SessionImpl::extended(ResultSink& sink, const std::function<void()>& step) {
  if (skips_until_sync_) return;
  run_pending(sink, false);
  if (skips_until_sync_) return;
  if (!guarded(sink, {}, step)) skips_until_sync_ = true;
}

void SessionImpl::begin_statement() {
  if (context_.stop_reason != StopReason::terminated) {
    context_.stop_reason = StopReason::none;
    context_.cancelled = false;
  }
  statement_start_ = std::chrono::steady_clock::now();
  context_.is_search = false;
  context_.statement_time = clock_now();
  context_.transaction.set_statement_time(context_.statement_time);
  start_timer();
}

void SessionImpl::start_timer() {
  const std::int64_t timeout = context_.settings.integer("statement_timeout");
  if (timeout > 0 && !timer_) {
    timer_ = context_.engine.timers().start(std::chrono::milliseconds(timeout), [this] {
      context_.stop_reason = StopReason::timed_out;
      context_.cancelled = true;
    });
  }
}

void SessionImpl::end_statement() {
  if (!timer_) return;
  context_.engine.timers().stop(*timer_);
  timer_.reset();
}

void SessionImpl::report_statement(std::string_view text, std::string_view tag, std::int64_t rows,
                                   const ErrorFields* error) {
  if (!context_.engine.has_statement_listener()) return;
  const std::chrono::duration<double, std::milli> elapsed =
      std::chrono::steady_clock::now() - statement_start_;
  const std::string database = context_.database->name();
  StatementEvent event;
  event.pid = context_.options.pid;
  event.user = context_.session_user;
  event.database = database;
  event.tag = command_of(tag);
  event.text = text;
  event.milliseconds = elapsed.count();
  event.rows = rows;
  event.is_search = context_.is_search;
  event.error = error;
  context_.engine.report(event);
}

void SessionImpl::deliver_notifications(ResultSink& sink) {
  if (context_.transaction.is_open()) return;
  for (const Notification& n : context_.database->notifications().take(context_.options.pid)) {
    sink.notification(n.pid, n.channel, n.payload);
  }
}

void SessionImpl::after_message(ResultSink& sink) {
  for (const auto& [name, value] : context_.settings.take_reports()) {
    sink.parameter_status(name, value);
  }
  context_.transaction.end_late_rows();
  deliver_notifications(sink);
  context_.sink = nullptr;
  switch (context_.transaction.state()) {
    case TransactionState::block:
      set_state("idle in transaction");
      break;
    case TransactionState::failed:
      set_state("idle in transaction (aborted)");
      break;
    default:
      set_state("idle");
  }
}

// ---------------------------------------------------------------- simple query

void SessionImpl::simple_query(std::string_view text, ResultSink& sink) {
  flush(sink);
  skips_until_sync_ = false;
  begin_statement();
  current_tag_.clear();
  PlanCache::Entry statements;
  bool is_good = guarded(sink, text, [&] { statements = parse_text(context_, text); });
  if (is_good && statements->empty()) sink.empty_query();
  for (std::size_t i = 0; is_good && i < statements->size(); ++i) {
    const StatementPtr& statement = (*statements)[i];
    const bool is_last = i + 1 == statements->size();
    is_good = guarded(sink, statement->source(), [&] {
      if (i == 0 && !is_last && !is_transaction_control(*statement) &&
          context_.transaction.state() == TransactionState::none) {
        context_.transaction.begin_implicit();
      }
      run_simple(statement, is_last, sink);
    });
  }
  if (is_good && context_.transaction.state() == TransactionState::implicit) {
    guarded(sink, text, [&] { finish_implicit(); });
  }
  end_statement();
  after_message(sink);
}

void SessionImpl::run_simple(const StatementPtr& statement, bool is_last, ResultSink& sink) {
  current_tag_ = query::command_tag(statement->raw);
  start_timer();  // a SET before may have asked for it
  Transaction& transaction = context_.transaction;
  if (transaction.state() == TransactionState::failed && !is_transaction_exit(*statement)) {
    throw SqlError(
        sqlstate::in_failed_sql_transaction,
        "current transaction is aborted, commands ignored until end of transaction block");
  }
  const bool is_alone = transaction.state() == TransactionState::none &&
                        !is_transaction_control(*statement) && is_last;
  if (transaction.state() == TransactionState::none && !is_alone &&
      !is_transaction_control(*statement)) {
    transaction.begin_implicit();
  }
  statement->takes_parameters = false;
  if (!is_transaction_control(*statement)) analyze_statement(context_, *statement, false);
  if (!statement->parameters.empty()) {
    throw SqlError(sqlstate::undefined_parameter, "there is no parameter $1");
  }
  StatementResult result = is_alone ? run_statement_alone(context_, *statement, {})
                                    : run_statement(context_, *statement, {});
  std::vector<std::int16_t> formats(result.columns.size(), 0);
  if (result.has_rows) describe_rows(result.columns, formats, sink);
  const std::string tag = send_rows(result, formats, sink);
  result.rows.reset();
  if (is_last && transaction.state() == TransactionState::implicit) finish_implicit();
  if (!transaction.is_open()) context_.cursors.end_transaction();
  sink.command_complete(tag);
}

// Clients hear of a domain's base type: they know how to read that one.
void SessionImpl::describe_rows(std::span<const ResultColumn> columns,
                                std::span<const std::int16_t> formats, ResultSink& sink) {
  const query::Catalog& catalog = context_.catalog();
  std::vector<ResultColumn> described(columns.begin(), columns.end());
  for (ResultColumn& column : described) {
    const types::TypeDesc* desc = catalog.find_type(column.type.oid);
    while (desc != nullptr && desc->kind == types::TypeKind::domain) {
      column.type = desc->base;
      desc = catalog.find_type(column.type.oid);
    }
  }
  sink.row_description(described, formats);
}

// Sends all rows; answers the command tag.
std::string SessionImpl::send_rows(StatementResult& result, std::span<const std::int16_t> formats,
                                   ResultSink& sink) {
  std::int64_t count = 0;
  if (result.has_rows && result.rows) {
    const types::IoContext& io = context_.io();
    std::vector<Value> row;
    while (result.rows->next(row)) {
      sink.row(result.columns, formats, row, io);
      ++count;
      if ((count & 63) == 0) context_.check_cancel();
    }
  }
  std::string tag = result.tag;
  if (result.tag_counts_rows) tag += fmt::format(" {}", count);
  report_statement(current_text_, tag, count, nullptr);
  return tag;
}

void SessionImpl::finish_implicit() {
  if (context_.transaction.state() != TransactionState::implicit) return;
  context_.cursors.end_transaction();
  context_.transaction.commit();
}

// ---------------------------------------------------------------- state

TransactionStatus SessionImpl::status() const {
  switch (context_.transaction.state()) {
    case TransactionState::block:
      return TransactionStatus::in_transaction;
    case TransactionState::failed:
      return TransactionStatus::failed;
    case TransactionState::none:
    case TransactionState::implicit:
      break;
  }
  return TransactionStatus::idle;
}

std::vector<std::pair<std::string, std::string>> SessionImpl::reported_settings() const {
  return context_.settings.reported();
}

void SessionImpl::cancel() {
  if (context_.stop_reason != StopReason::terminated) {
    context_.stop_reason = StopReason::cancelled;
  }
  context_.cancelled = true;
}

void SessionImpl::terminate() {
  context_.stop_reason = StopReason::terminated;
  context_.cancelled = true;
}

std::int64_t SessionImpl::idle_timeout_ms() const {
  const bool is_idle = status() == TransactionStatus::idle;
  return context_.settings.integer(is_idle ? "idle_session_timeout"
                                           : "idle_in_transaction_session_timeout");
}

bool SessionImpl::on_idle_timeout(ResultSink& sink) {
  ErrorFields fields;
  if (status() == TransactionStatus::idle) {
    fields.sqlstate = "57P05";
    fields.message = "terminating connection due to idle-session timeout";
  } else {
    fields.sqlstate = sqlstate::idle_in_transaction_session_timeout;
    fields.message = "terminating connection due to idle-in-transaction timeout";
  }
  if (context_.transaction.is_open()) context_.transaction.rollback();
  sink.error(fields);
  return false;
}

}  // namespace dvecdb::server::exec
