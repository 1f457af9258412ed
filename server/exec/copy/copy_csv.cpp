// COPY's CSV format: quoted fields may hold delimiters, quotes and line ends.
#include <fmt/format.h>

#include "server/exec/copy/copy_line_reader.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

class CsvReader : public CopyLineReader {
 public:
  using CopyLineReader::CopyLineReader;

 private:
  // A row ends at a line end outside quotes. Line ends inside quotes count as lines too.
  bool find_line() override {
    std::size_t scanned = 0;
    bool in_quote = false;
    bool last_was_escape = false;
    while (true) {
      const std::string_view unread = buffer().unread();
      for (; scanned < unread.size(); ++scanned) {
        const char c = unread[scanned];
        // A doubled quote closes and opens again: only another escape character needs a mind.
        const bool is_escape = c == options().escape && options().escape != options().quote;
        if (in_quote && is_escape) last_was_escape = !last_was_escape;
        if (c == options().quote && !last_was_escape) in_quote = !in_quote;
        if (!is_escape) last_was_escape = false;
        if (in_quote) {
          if (c == '\n' && has_ended_line_) count_line();
          continue;
        }
        if (c != '\n' && c != '\r') continue;
        if (c == '\r' && scanned + 1 >= unread.size()) break;  // the next piece tells
        const bool is_both = c == '\r' && unread[scanned + 1] == '\n';
        has_ended_line_ = true;
        return take_line(scanned, is_both ? 2 : 1);
      }
      if (!buffer().fill()) return take_last_line(true);
    }
  }

  void split(std::vector<CopyField>& fields) override {
    std::size_t i = 0;
    while (true) {
      fields.push_back(field(i, fields.size()));
      if (i >= line().size()) return;
      ++i;  // the delimiter
    }
  }

  // The field that starts at `i`; leaves `i` at its delimiter or at the end.
  CopyField field(std::size_t& i, std::size_t column) {
    const std::size_t start = unescaped().size();
    bool was_quoted = false;
    while (i < line().size() && line()[i] != options().delimiter) {
      if (line()[i] != options().quote) {
        unescaped() += line()[i++];
        continue;
      }
      was_quoted = true;
      ++i;
      read_quoted(i);
    }
    const std::string_view bytes = std::string_view(unescaped()).substr(start);
    const bool is_null_text = bytes == options().null_text;
    const bool keeps = flag(options().force_not_null, column);
    if (is_null_text && !was_quoted && !keeps) return {true, {}};
    if (is_null_text && was_quoted && flag(options().force_null, column)) return {true, {}};
    return {false, bytes};
  }

  void read_quoted(std::size_t& i) {
    for (; i < line().size(); ++i) {
      const char c = line()[i];
      const bool escapes = c == options().escape && i + 1 < line().size() &&
                           (line()[i + 1] == options().escape || line()[i + 1] == options().quote);
      if (escapes) {
        unescaped() += line()[++i];
        continue;
      }
      if (c == options().quote) {
        ++i;
        return;
      }
      unescaped() += c;
    }
    throw SqlError(sqlstate::bad_copy_file_format, "unterminated CSV quoted field");
  }

  static bool flag(const std::vector<bool>& flags, std::size_t column) {
    return column < flags.size() && flags[column];
  }

  bool has_ended_line_ = false;
};

class CsvWriter : public CopyWriter {
 public:
  CsvWriter(const CopyOptions& options, std::span<const ResultColumn> columns,
            const types::IoContext& io)
      : options_(options), columns_(columns.begin(), columns.end()), io_(io) {}

  void begin(std::string& out) override {
    if (options_.header == CopyHeader::none) return;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) out += options_.delimiter;
      append(columns_[i].name, false, out);
    }
    out += '\n';
  }
  void row(std::span<const Value> values, std::string& out) override {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += options_.delimiter;
      if (values[i].is_null()) {
        out += options_.null_text;
        continue;
      }
      scratch_.clear();
      types::output_text(io_, columns_[i].type, values[i], scratch_);
      append(scratch_, i < options_.force_quote.size() && options_.force_quote[i], out);
    }
    out += '\n';
  }
  void end(std::string&) override {}

 private:
  void append(std::string_view text, bool force_quote, std::string& out) const {
    if (!force_quote && !needs_quote(text)) {
      out += text;
      return;
    }
    out += options_.quote;
    for (const char c : text) {
      if (c == options_.quote || c == options_.escape) out += options_.escape;
      out += c;
    }
    out += options_.quote;
  }

  // A value that reads as NULL, as the end marker or as several fields must be quoted.
  bool needs_quote(std::string_view text) const {
    if (text == options_.null_text) return true;
    if (columns_.size() == 1 && text == "\\.") return true;
    for (const char c : text) {
      if (c == options_.delimiter || c == options_.quote || c == '\n' || c == '\r') return true;
    }
    return false;
  }

  CopyOptions options_;
  std::vector<ResultColumn> columns_;
  const types::IoContext& io_;
  std::string scratch_;
};

}  // namespace

std::unique_ptr<CopyReader> make_copy_csv_reader(const CopyOptions& options,
                                                 std::vector<std::string> names,
                                                 CopySource source) {
  return std::make_unique<CsvReader>(options, std::move(names), std::move(source));
}

std::unique_ptr<CopyWriter> make_copy_csv_writer(const CopyOptions& options,
                                                 std::span<const ResultColumn> columns,
                                                 const types::IoContext& io) {
  return std::make_unique<CsvWriter>(options, columns, io);
}

}  // namespace dvecdb::server::exec
