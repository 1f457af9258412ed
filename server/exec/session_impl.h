// The session behind session.h: the protocol's state machine over SessionContext.
#pragma once

#include <optional>

#include "server/exec/session_context.h"

namespace dvecdb::server::exec {

class SessionImpl : public Session {
 public:
  SessionImpl(EngineCore& core, std::shared_ptr<OpenDatabase> database,
              const SessionOptions& options);
  ~SessionImpl() override;

  void simple_query(std::string_view text, ResultSink& sink) override;
  void parse(std::string_view name, std::string_view text, std::span<const Oid> types,
             ResultSink& sink) override;
  void bind(std::string_view portal, std::string_view statement,
            std::span<const std::int16_t> formats, std::span<const Parameter> parameters,
            std::span<const std::int16_t> result_formats, ResultSink& sink) override;
  void describe_statement(std::string_view name, ResultSink& sink) override;
  void describe_portal(std::string_view name, ResultSink& sink) override;
  void execute(std::string_view portal, std::int32_t max_rows, ResultSink& sink) override;
  void close_statement(std::string_view name, ResultSink& sink) override;
  void close_portal(std::string_view name, ResultSink& sink) override;
  void flush(ResultSink& sink) override;
  void sync(ResultSink& sink) override;

  void deliver_notifications(ResultSink& sink) override;
  TransactionStatus status() const override;
  std::vector<std::pair<std::string, std::string>> reported_settings() const override;
  void cancel() override;
  void terminate() override;
  std::int64_t idle_timeout_ms() const override;
  bool on_idle_timeout(ResultSink& sink) override;

 private:
  // Runs a step of the protocol; reports what it throws to the sink. False after an error.
  bool guarded(ResultSink& sink, std::string_view text, const std::function<void()>& step);
  // The same for the extended protocol: nothing runs after an error until sync().
  void extended(ResultSink& sink, const std::function<void()>& step);
  void report_error(ResultSink& sink, const types::ErrorFields& fields);
  void begin_statement();
  void start_timer();
  void end_statement();
  void after_message(ResultSink& sink);

  void run_simple(const StatementPtr& statement, bool is_last, ResultSink& sink);
  void describe_rows(std::span<const ResultColumn> columns, std::span<const std::int16_t> formats,
                     ResultSink& sink);
  std::string send_rows(StatementResult& result, std::span<const std::int16_t> formats,
                        ResultSink& sink);
  void finish_implicit();

  void start_portal(Portal& portal);
  void run_pending(ResultSink& sink, bool at_sync);
  void execute_portal(const PortalPtr& portal, std::int32_t max_rows, ResultSink& sink);
  bool may_defer(const Portal& portal) const;

  void apply_start_settings();
  void drop_temp_schema();
  void report_statement(std::string_view text, std::string_view tag, std::int64_t rows,
                        const types::ErrorFields* error);

  void set_state(std::string_view state);

  SessionContext context_;
  SessionActivityPtr activity_;
  bool skips_until_sync_ = false;
  std::optional<std::uint64_t> timer_;
  std::chrono::steady_clock::time_point statement_start_;
  std::string current_text_;
  std::string current_tag_;
  // An autocommit write that waits for the next message: at Sync it commits together with other
  // sessions' writes.
  PortalPtr pending_;
};

}  // namespace dvecdb::server::exec
