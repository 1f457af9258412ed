#include "server/http/rest/sql.h"

#include <charconv>
#include <exception>
#include <utility>

#include "server/types/error.h"

namespace dvecdb::server::http::rest {

using types::SqlError;

namespace {

// Keeps the first error until the session is in order again.
class Sink : public exec::ResultSink {
 public:
  std::vector<Row> rows;
  std::string tag;
  std::function<void(std::string_view)> take_copy;
  std::function<std::string()> next_copy;

  void check() const {
    if (exception_) std::rethrow_exception(exception_);
    if (!error_) return;
    SqlError thrown(error_->sqlstate, error_->message);
    thrown.detail(error_->detail).hint(error_->hint);
    thrown.column(error_->column).constraint(error_->constraint);
    throw thrown;
  }

  void row_description(std::span<const exec::ResultColumn>,
                       std::span<const std::int16_t>) override {}
  void row(std::span<const exec::ResultColumn> columns, std::span<const std::int16_t>,
           std::span<const exec::Value> values, const types::IoContext& io) override {
    Row& row = rows.emplace_back();
    row.reserve(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      Text& text = row.emplace_back();
      if (values[i].is_null()) continue;
      types::output_text(io, columns[i].type, values[i], text.emplace());
    }
  }
  void no_data() override {}
  void parameter_description(std::span<const exec::Oid>) override {}
  void parse_complete() override {}
  void bind_complete() override {}
  void close_complete() override {}
  void command_complete(std::string_view text) override { tag = text; }
  void empty_query() override {}
  void portal_suspended() override {}
  void error(const types::ErrorFields& fields) override {
    if (!error_) error_ = fields;
  }
  void notice(std::string_view, const types::ErrorFields&) override {}
  void parameter_status(std::string_view, std::string_view) override {}
  void notification(std::int32_t, std::string_view, std::string_view) override {}
  void copy_in(exec::CopyFormat, int) override {}
  std::optional<std::string_view> copy_read() override {
    guarded([&] { piece_ = next_copy(); });
    if (piece_.empty()) return std::nullopt;
    return piece_;
  }
  void copy_out(exec::CopyFormat, int) override {}
  void copy_data(std::string_view bytes) override {
    guarded([&] { take_copy(bytes); });
  }
  void copy_done() override {}

 private:
  // The statement ends by an error of SQL; the caller hears of what was thrown.
  template <typename Call>
  void guarded(const Call& call) {
    try {
      call();
    } catch (...) {
      exception_ = std::current_exception();
      throw SqlError(types::sqlstate::query_canceled, "the other end of COPY has failed");
    }
  }

  std::optional<types::ErrorFields> error_;
  std::exception_ptr exception_;
  std::string piece_;
};

std::int64_t count_in(std::string_view tag) {
  const std::size_t space = tag.rfind(' ');
  std::int64_t count = 0;
  if (space != std::string_view::npos) {
    std::from_chars(tag.data() + space + 1, tag.data() + tag.size(), count);
  }
  return count;
}

void run_extended(exec::Session& session, std::string_view text,
                  const std::vector<Text>& parameters, Sink& sink) {
  std::vector<exec::Session::Parameter> bound;
  bound.reserve(parameters.size());
  for (const Text& parameter : parameters) {
    bound.push_back({.is_null = !parameter, .bytes = parameter ? *parameter : std::string_view()});
  }
  session.parse("", text, {}, sink);
  session.bind("", "", {}, bound, {}, sink);
  session.execute("", 0, sink);
  session.sync(sink);
  sink.check();
}

}  // namespace

exec::Session& Sql::checked_session() {
  if (check_) check_();
  return session_;
}

std::vector<Row> Sql::rows(std::string_view text, const std::vector<Text>& parameters) {
  Sink sink;
  run_extended(checked_session(), text, parameters, sink);
  return std::move(sink.rows);
}

std::int64_t Sql::change(std::string_view text, const std::vector<Text>& parameters) {
  Sink sink;
  run_extended(checked_session(), text, parameters, sink);
  return count_in(sink.tag);
}

void Sql::run(std::string_view text) {
  Sink sink;
  checked_session().simple_query(text, sink);
  sink.check();
}

void Sql::copy_out(std::string_view text, const std::function<void(std::string_view)>& take) {
  Sink sink;
  sink.take_copy = take;
  checked_session().simple_query(text, sink);
  sink.check();
}

std::int64_t Sql::copy_in(std::string_view text, const std::function<std::string()>& next) {
  Sink sink;
  sink.next_copy = next;
  checked_session().simple_query(text, sink);
  sink.check();
  return count_in(sink.tag);
}

Transaction::~Transaction() {
  if (sql_.status() == exec::TransactionStatus::idle) return;
  try {
    sql_.run("ROLLBACK");
  } catch (const SqlError&) {
    // The session is not lent again unless it is idle.
  }
}

std::string Parameters::add(Text value, std::string_view type) {
  values_.push_back(std::move(value));
  return "$" + std::to_string(values_.size()) + "::" + std::string(type);
}

namespace {

std::string escaped(std::string_view text, std::string_view special, char escape) {
  std::string out = "\"";
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += escape;
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::string quote_name(std::string_view name) {
  return escaped(name, "\"", '"');
}

std::string quote_text(std::string_view text) {
  // A backslash is one in E'' alone, whatever standard_conforming_strings is.
  std::string out = text.find('\\') == std::string_view::npos ? "'" : "E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += c;
    out += c;
  }
  return out + "'";
}

std::string array_text(const std::vector<std::string>& items) {
  std::string out = "{";
  for (const std::string& item : items) {
    if (out.size() > 1) out += ',';
    out += escaped(item, "\"\\", '\\');
  }
  return out + "}";
}

}  // namespace dvecdb::server::http::rest
