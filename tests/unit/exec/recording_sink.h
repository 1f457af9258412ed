// A sink that writes down what a session answers, one line a message.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/exec/session.h"

namespace dvecdb::server::exec {

class RecordingSink : public ResultSink {
 public:
  std::vector<std::string> lines;
  std::deque<std::string> copy_input;  // pieces for COPY FROM

  // All lines joined by newlines; forgets them.
  std::string take() {
    std::string text;
    for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
    lines.clear();
    return text;
  }

  void row_description(std::span<const ResultColumn> columns,
                       std::span<const std::int16_t>) override {
    std::string line = "columns";
    for (const ResultColumn& column : columns) {
      line += " " + column.name + ":" + std::to_string(column.type.oid);
    }
    lines.push_back(line);
  }
  void row(std::span<const ResultColumn> columns, std::span<const std::int16_t> formats,
           std::span<const Value> values, const types::IoContext& io) override {
    std::string line = "row";
    for (std::size_t i = 0; i < values.size(); ++i) {
      line += i == 0 ? " " : "|";
      if (values[i].is_null()) {
        line += "NULL";
        continue;
      }
      std::string bytes;
      if (formats[i] == 0) {
        types::output_text(io, columns[i].type, values[i], bytes);
      } else {
        types::send_binary(io, columns[i].type, values[i], bytes);
        bytes = "<" + std::to_string(bytes.size()) + " bytes>";
      }
      line += bytes;
    }
    lines.push_back(line);
  }
  void no_data() override { lines.emplace_back("no data"); }
  void parameter_description(std::span<const Oid> types) override {
    std::string line = "parameters";
    for (const Oid type : types) line += " " + std::to_string(type);
    lines.push_back(line);
  }
  void parse_complete() override { lines.emplace_back("parsed"); }
  void bind_complete() override { lines.emplace_back("bound"); }
  void close_complete() override { lines.emplace_back("closed"); }
  void command_complete(std::string_view tag) override { lines.emplace_back(tag); }
  void empty_query() override { lines.emplace_back("empty"); }
  void portal_suspended() override { lines.emplace_back("suspended"); }
  void error(const types::ErrorFields& fields) override {
    lines.push_back("ERROR " + fields.sqlstate + " " + fields.message + rest(fields));
  }
  void notice(std::string_view severity, const types::ErrorFields& fields) override {
    lines.push_back(std::string(severity) + " " + fields.sqlstate + " " + fields.message +
                    rest(fields));
  }
  void parameter_status(std::string_view name, std::string_view value) override {
    lines.push_back("status " + std::string(name) + "=" + std::string(value));
  }
  void notification(std::int32_t, std::string_view channel, std::string_view payload) override {
    lines.push_back("notification " + std::string(channel) + " " + std::string(payload));
  }
  void copy_in(CopyFormat, int columns) override {
    lines.push_back("copy in " + std::to_string(columns));
  }
  std::optional<std::string_view> copy_read() override {
    if (copy_input.empty()) return std::nullopt;
    current_ = std::move(copy_input.front());
    copy_input.pop_front();
    return current_;
  }
  void copy_out(CopyFormat, int columns) override {
    lines.push_back("copy out " + std::to_string(columns));
  }
  void copy_data(std::string_view bytes) override { lines.push_back("data " + std::string(bytes)); }
  void copy_done() override { lines.emplace_back("copy done"); }

 private:
  static std::string rest(const types::ErrorFields& fields) {
    std::string text;
    if (!fields.detail.empty()) text += " / " + fields.detail;
    if (!fields.hint.empty()) text += " / " + fields.hint;
    if (!fields.where.empty()) text += " / " + fields.where;
    return text;
  }
  std::string current_;
};

}  // namespace dvecdb::server::exec
