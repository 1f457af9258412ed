// Turns a session's answers into backend messages. Answers collect in a buffer and go out when it
// is large, when the client must be heard, or at flush().
#pragma once

#include <string>

#include "server/exec/session.h"
#include "server/pgwire/transport.h"

namespace dvecdb::server::pgwire {

class WireSink : public exec::ResultSink {
 public:
  explicit WireSink(Transport& transport) : transport_(transport) {}

  void row_description(std::span<const exec::ResultColumn> columns,
                       std::span<const std::int16_t> formats) override;
  void row(std::span<const exec::ResultColumn> columns, std::span<const std::int16_t> formats,
           std::span<const types::Value> values, const types::IoContext& io) override;
  void no_data() override { empty_message('n'); }
  void parameter_description(std::span<const types::Oid> types) override;
  void parse_complete() override { empty_message('1'); }
  void bind_complete() override { empty_message('2'); }
  void close_complete() override { empty_message('3'); }
  void command_complete(std::string_view tag) override;
  void empty_query() override { empty_message('I'); }
  void portal_suspended() override { empty_message('s'); }
  void error(const types::ErrorFields& fields) override;
  void notice(std::string_view severity, const types::ErrorFields& fields) override;
  void parameter_status(std::string_view name, std::string_view value) override;
  void notification(std::int32_t pid, std::string_view channel, std::string_view payload) override;
  void copy_in(exec::CopyFormat format, int columns) override;
  std::optional<std::string_view> copy_read() override;
  void copy_out(exec::CopyFormat format, int columns) override;
  void copy_data(std::string_view bytes) override;
  void copy_done() override { empty_message('c'); }

  // Messages outside a session's answers.
  void ready(exec::TransactionStatus status);
  void authentication(std::int32_t code, std::string_view payload);
  void backend_key(std::int32_t pid, std::int32_t secret);
  void negotiate_protocol(int minor_version, std::span<const std::string> unknown_options);
  // ErrorResponse of severity FATAL: the connection ends after it.
  void fatal(const types::ErrorFields& fields);

  void flush();
  std::string& buffer() { return out_; }
  // True once a FATAL went out: the caller closes.
  bool is_fatal() const { return is_fatal_; }
  // Messages that a client may still send after its COPY failed are to be skipped by the caller.
  bool copy_in_unfinished() const { return copy_in_unfinished_; }
  void clear_copy_in() { copy_in_unfinished_ = false; }

 private:
  void empty_message(char type);
  void copy_response(char type, exec::CopyFormat format, int columns);
  void problem(char type, std::string_view severity, const types::ErrorFields& fields);
  void flush_if_large();

  Transport& transport_;
  std::string out_;
  Frame copy_frame_;
  bool is_fatal_ = false;
  bool copy_in_unfinished_ = false;
};

}  // namespace dvecdb::server::pgwire
