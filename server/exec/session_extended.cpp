// The extended protocol: Parse, Bind, Describe, Execute, Close, Flush, Sync.
#include <fmt/format.h>

#include "server/exec/session_impl.h"
#include "server/exec/statement_runner.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

SqlError aborted() {
  return SqlError(
      sqlstate::in_failed_sql_transaction,
      "current transaction is aborted, commands ignored until end of transaction block");
}

// One format per item from Bind's short forms.
std::vector<std::int16_t> spread_formats(std::span<const std::int16_t> formats, std::size_t count) {
  if (formats.empty()) return std::vector<std::int16_t>(count, 0);
  if (formats.size() == 1) return std::vector<std::int16_t>(count, formats[0]);
  return {formats.begin(), formats.end()};
}

void check_utf8_parameter(std::string_view bytes) {
  if (bytes.find('\0') != std::string_view::npos) {
    throw SqlError(sqlstate::character_not_in_repertoire,
                   "invalid byte sequence for encoding \"UTF8\": 0x00");
  }
}

Value decode_parameter(const types::IoContext& io, Oid type, std::int16_t format,
                       const Session::Parameter& parameter, std::size_t number) {
  if (parameter.is_null) return Value::null();
  try {
    if (format == 1) {
      Value value = types::receive_binary(io, {type, -1}, parameter.bytes);
      value.own();
      return value;
    }
    check_utf8_parameter(parameter.bytes);
    Value value = types::input_text(io, {type, -1}, parameter.bytes);
    value.own();
    return value;
  } catch (SqlError& error) {
    const bool is_binary_excess = format == 1 &&
                                  error.sqlstate() == sqlstate::invalid_binary_representation &&
                                  error.fields().message == "incorrect binary data format";
    if (is_binary_excess) {
      throw SqlError(sqlstate::invalid_binary_representation,
                     fmt::format("incorrect binary data format in bind parameter {}", number));
    }
    throw;
  }
}

}  // namespace

void SessionImpl::parse(std::string_view name, std::string_view text, std::span<const Oid> types,
                        ResultSink& sink) {
  if (!skips_until_sync_) begin_statement();
  extended(sink, [&] {
    current_text_ = text;
    PlanCache::Entry statements = parse_text(context_, text);
    if (statements->size() > 1) {
      throw SqlError(sqlstate::syntax_error,
                     "cannot insert multiple commands into a prepared statement");
    }
    StatementPtr statement;
    const bool can_share = types.empty() && statements->size() == 1;
    if (can_share) {
      statement = statements->front();
    } else {
      statement = std::make_shared<Statement>();
      statement->text = std::make_shared<const std::string>(text);
      statement->is_empty = statements->empty();
      if (!statement->is_empty) statement->raw = statements->front()->raw;
      statement->given_types.assign(types.begin(), types.end());
    }
    current_tag_ =
        statement->is_empty ? std::string() : std::string(query::command_tag(statement->raw));
    const bool is_failed = context_.transaction.state() == TransactionState::failed;
    if (is_failed && !statement->is_empty && !is_transaction_exit(*statement)) throw aborted();
    if (!statement->is_empty && !is_transaction_control(*statement)) {
      analyze_statement(context_, *statement, false);
    }
    context_.prepared.add(name, {statement, clock_now(), false});
    sink.parse_complete();
  });
  end_statement();
}

void SessionImpl::bind(std::string_view portal, std::string_view statement,
                       std::span<const std::int16_t> formats, std::span<const Parameter> parameters,
                       std::span<const std::int16_t> result_formats, ResultSink& sink) {
  extended(sink, [&] {
    const StatementPtr target = context_.prepared.get(statement).statement;
    if (formats.size() > 1 && formats.size() != parameters.size()) {
      throw SqlError(sqlstate::protocol_violation,
                     fmt::format("bind message has {} parameter formats but {} parameters",
                                 formats.size(), parameters.size()));
    }
    if (parameters.size() != target->parameters.size()) {
      throw SqlError(sqlstate::protocol_violation,
                     fmt::format("bind message supplies {} parameters, but prepared statement "
                                 "\"{}\" requires {}",
                                 parameters.size(), statement, target->parameters.size()));
    }
    const bool is_failed = context_.transaction.state() == TransactionState::failed;
    const bool is_exit = !target->is_empty && is_transaction_exit(*target);
    if (is_failed && (!is_exit || !parameters.empty())) throw aborted();
    if (portal.empty()) context_.cursors.remove(portal);
    const PortalPtr bound = context_.cursors.add(portal);
    try {
      bound->statement = target;
      bound->creation_time = clock_now();
      const std::vector<std::int16_t> codes = spread_formats(formats, parameters.size());
      const types::IoContext& io = context_.io();
      for (std::size_t i = 0; i < parameters.size(); ++i) {
        bound->parameters.push_back(
            decode_parameter(io, target->parameters[i], codes[i], parameters[i], i + 1));
      }
      if (target->is_analyzed) analyze_statement(context_, *target, true);
      if (result_formats.size() > 1 && result_formats.size() != target->columns.size()) {
        throw SqlError(sqlstate::protocol_violation,
                       fmt::format("bind message has {} result formats but query has {} columns",
                                   result_formats.size(), target->columns.size()));
      }
      bound->formats = spread_formats(result_formats, target->columns.size());
    } catch (...) {
      context_.cursors.remove(portal);
      throw;
    }
    sink.bind_complete();
  });
}

void SessionImpl::describe_statement(std::string_view name, ResultSink& sink) {
  extended(sink, [&] {
    const StatementPtr statement = context_.prepared.get(name).statement;
    const bool is_failed = context_.transaction.state() == TransactionState::failed;
    if (is_failed && statement->has_rows) throw aborted();
    if (statement->is_analyzed) analyze_statement(context_, *statement, true);
    sink.parameter_description(statement->parameters);
    if (!statement->has_rows) {
      sink.no_data();
      return;
    }
    const std::vector<std::int16_t> formats(statement->columns.size(), 0);
    describe_rows(statement->columns, formats, sink);
  });
}

void SessionImpl::describe_portal(std::string_view name, ResultSink& sink) {
  extended(sink, [&] {
    const PortalPtr portal = context_.cursors.get_portal(name);
    const bool is_failed = context_.transaction.state() == TransactionState::failed;
    if (is_failed && portal->statement->has_rows) throw aborted();
    if (!portal->statement->has_rows) {
      sink.no_data();
      return;
    }
    describe_rows(portal->statement->columns, portal->formats, sink);
  });
}

bool SessionImpl::may_defer(const Portal& portal) const {
  return context_.transaction.state() == TransactionState::none && !portal.is_started &&
         is_plain_write(*portal.statement);
}

void SessionImpl::execute(std::string_view name, std::int32_t max_rows, ResultSink& sink) {
  extended(sink, [&] {
    const PortalPtr portal = context_.cursors.get_portal(name);
    current_text_ = portal->statement->is_empty ? std::string_view() : portal->statement->source();
    if (portal->statement->is_empty) {
      sink.empty_query();
      return;
    }
    current_tag_ = query::command_tag(portal->statement->raw);
    if (max_rows <= 0 && may_defer(*portal)) {
      pending_ = portal;
      return;
    }
    set_state("active");
    begin_statement();
    execute_portal(portal, max_rows, sink);
    end_statement();
  });
}

void SessionImpl::run_pending(ResultSink& sink, bool at_sync) {
  if (!pending_) return;
  const PortalPtr portal = std::exchange(pending_, nullptr);
  begin_statement();
  const bool is_good = guarded(sink, portal->statement->source(), [&] {
    if (at_sync) {
      portal->is_started = true;
      analyze_statement(context_, *portal->statement, true);
      portal->result = run_statement_alone(context_, *portal->statement, portal->parameters);
    }
    execute_portal(portal, 0, sink);
  });
  end_statement();
  if (!is_good) skips_until_sync_ = true;
}

void SessionImpl::start_portal(Portal& portal) {
  Transaction& transaction = context_.transaction;
  if (transaction.state() == TransactionState::failed && !is_transaction_exit(*portal.statement)) {
    throw aborted();
  }
  portal.is_started = true;
  if (!is_transaction_control(*portal.statement)) {
    if (!transaction.is_open()) transaction.begin_implicit();
    analyze_statement(context_, *portal.statement, true);
  }
  portal.result = run_statement(context_, *portal.statement, portal.parameters);
}

void SessionImpl::execute_portal(const PortalPtr& portal, std::int32_t max_rows, ResultSink& sink) {
  if (portal->is_done && !portal->result.has_rows) {
    throw SqlError(sqlstate::object_not_in_prerequisite_state,
                   fmt::format("portal \"{}\" cannot be run", ""));
  }
  if (!portal->is_started) start_portal(*portal);
  StatementResult& result = portal->result;
  std::int64_t count = 0;
  if (result.has_rows && !portal->is_done) {
    const types::IoContext& io = context_.io();
    std::vector<Value> row;
    while (max_rows <= 0 || count < max_rows) {
      if (!result.rows->next(row)) {
        portal->is_done = true;
        break;
      }
      sink.row(result.columns, portal->formats, row, io);
      ++count;
      if ((count & 63) == 0) context_.check_cancel();
    }
    portal->rows_sent += count;
    if (!portal->is_done) {
      // Later statements may write: what is left must not change under them.
      if (context_.transaction.is_writing()) result.rows = buffer_rows(*result.rows);
      sink.portal_suspended();
      return;
    }
    result.rows.reset();
  }
  portal->is_done = true;
  std::string tag = result.tag;
  if (result.tag_counts_rows) tag += fmt::format(" {}", count);
  report_statement(current_text_, tag, count, nullptr);
  if (!context_.transaction.is_open()) context_.cursors.end_transaction();
  sink.command_complete(tag);
}

void SessionImpl::close_statement(std::string_view name, ResultSink& sink) {
  extended(sink, [&] {
    context_.prepared.remove(name);
    sink.close_complete();
  });
}

void SessionImpl::close_portal(std::string_view name, ResultSink& sink) {
  extended(sink, [&] {
    context_.cursors.remove(name);
    sink.close_complete();
  });
}

void SessionImpl::flush(ResultSink& sink) {
  if (!skips_until_sync_) run_pending(sink, false);
}

void SessionImpl::sync(ResultSink& sink) {
  if (!skips_until_sync_) run_pending(sink, true);
  skips_until_sync_ = false;
  if (context_.transaction.state() == TransactionState::implicit) {
    guarded(sink, current_text_, [&] { finish_implicit(); });
  }
  if (!context_.transaction.is_open()) context_.cursors.end_transaction();
  after_message(sink);
}

}  // namespace dvecdb::server::exec
