// COPY's text format: one line a row, backslash escapes.
#include <fmt/format.h>

#include "server/exec/copy/copy_line_reader.h"
#include "server/types/error.h"

namespace dvecdb::server::exec {

using types::SqlError;
namespace sqlstate = types::sqlstate;

namespace {

enum class LineEnd : std::uint8_t { unknown, newline, carriage_return, both };

bool is_octal(char c) {
  return c >= '0' && c <= '7';
}
int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Appends the character behind a backslash at text[i] and moves `i` past it.
void append_escaped(std::string_view text, std::size_t& i, std::string& out) {
  const char c = text[i++];
  switch (c) {
    case 'b':
      out += '\b';
      return;
    case 'f':
      out += '\f';
      return;
    case 'n':
      out += '\n';
      return;
    case 'r':
      out += '\r';
      return;
    case 't':
      out += '\t';
      return;
    case 'v':
      out += '\v';
      return;
    case 'x': {
      if (i >= text.size() || hex_digit(text[i]) < 0) break;
      int value = hex_digit(text[i++]);
      if (i < text.size() && hex_digit(text[i]) >= 0) value = value * 16 + hex_digit(text[i++]);
      out += static_cast<char>(value);
      return;
    }
    default:
      break;
  }
  if (!is_octal(c)) {
    out += c;
    return;
  }
  int value = c - '0';
  for (int digits = 1; digits < 3 && i < text.size() && is_octal(text[i]); ++digits) {
    value = value * 8 + (text[i++] - '0');
  }
  out += static_cast<char>(value & 0xff);
}

class TextReader : public CopyLineReader {
 public:
  using CopyLineReader::CopyLineReader;

 private:
  bool find_line() override {
    std::size_t scanned = 0;
    while (true) {
      const std::string_view unread = buffer().unread();
      for (; scanned < unread.size(); ++scanned) {
        const char c = unread[scanned];
        if (c == '\\') {
          if (scanned + 1 >= unread.size()) break;  // the next piece tells
          ++scanned;
          continue;
        }
        if (c != '\n' && c != '\r') continue;
        if (c == '\r' && scanned + 1 >= unread.size() && line_end_ != LineEnd::carriage_return) {
          break;
        }
        return end_line(unread, scanned);
      }
      if (!buffer().fill()) return take_last_line(line_end_ != LineEnd::newline);
    }
  }

  bool end_line(std::string_view unread, std::size_t length) {
    const bool is_return = unread[length] == '\r';
    const bool is_both = is_return && length + 1 < unread.size() && unread[length + 1] == '\n';
    const LineEnd found = !is_return ? LineEnd::newline
                          : is_both  ? LineEnd::both
                                     : LineEnd::carriage_return;
    if (line_end_ == LineEnd::unknown) line_end_ = found;
    if (found != line_end_) refuse_line_end(is_return);
    return take_line(length, is_both ? 2 : 1);
  }

  [[noreturn]] static void refuse_line_end(bool is_return) {
    if (is_return) {
      throw SqlError(sqlstate::bad_copy_file_format, "literal carriage return found in data")
          .hint("Use \"\\r\" to represent carriage return.");
    }
    throw SqlError(sqlstate::bad_copy_file_format, "literal newline found in data")
        .hint("Use \"\\n\" to represent newline.");
  }

  void split(std::vector<CopyField>& fields) override {
    std::size_t begin = 0;
    bool has_escape = false;
    std::size_t i = 0;
    for (; i < line().size(); ++i) {
      if (line()[i] == '\\') {
        has_escape = true;
        if (i + 1 < line().size()) ++i;
      } else if (line()[i] == options().delimiter) {
        fields.push_back(field(line().substr(begin, i - begin), has_escape));
        begin = i + 1;
        has_escape = false;
      }
    }
    fields.push_back(field(line().substr(begin), has_escape));
  }

  CopyField field(std::string_view raw, bool has_escape) {
    if (raw == options().null_text) return {true, {}};
    if (!has_escape) return {false, raw};
    const std::size_t start = unescaped().size();
    for (std::size_t i = 0; i < raw.size();) {
      if (raw[i] != '\\' || i + 1 >= raw.size()) {
        unescaped() += raw[i++];
        continue;
      }
      ++i;
      append_escaped(raw, i, unescaped());
    }
    const std::string_view bytes = std::string_view(unescaped()).substr(start);
    check_utf8(bytes);
    return {false, bytes};
  }

  LineEnd line_end_ = LineEnd::unknown;
};

class TextWriter : public CopyWriter {
 public:
  TextWriter(const CopyOptions& options, std::span<const ResultColumn> columns,
             const types::IoContext& io)
      : options_(options), columns_(columns.begin(), columns.end()), io_(io) {}

  void begin(std::string& out) override {
    if (options_.header == CopyHeader::none) return;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (i > 0) out += options_.delimiter;
      append(columns_[i].name, out);
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
      append(scratch_, out);
    }
    out += '\n';
  }
  void end(std::string&) override {}

 private:
  void append(std::string_view text, std::string& out) const {
    for (const char c : text) {
      switch (c) {
        case '\b':
          out += "\\b";
          break;
        case '\f':
          out += "\\f";
          break;
        case '\n':
          out += "\\n";
          break;
        case '\r':
          out += "\\r";
          break;
        case '\t':
          out += "\\t";
          break;
        case '\v':
          out += "\\v";
          break;
        case '\\':
          out += "\\\\";
          break;
        default:
          if (c == options_.delimiter) out += '\\';
          out += c;
      }
    }
  }

  CopyOptions options_;
  std::vector<ResultColumn> columns_;
  const types::IoContext& io_;
  std::string scratch_;
};

}  // namespace

std::unique_ptr<CopyReader> make_copy_text_reader(const CopyOptions& options,
                                                  std::vector<std::string> names,
                                                  CopySource source) {
  return std::make_unique<TextReader>(options, std::move(names), std::move(source));
}

std::unique_ptr<CopyWriter> make_copy_text_writer(const CopyOptions& options,
                                                  std::span<const ResultColumn> columns,
                                                  const types::IoContext& io) {
  return std::make_unique<TextWriter>(options, columns, io);
}

}  // namespace dvecdb::server::exec
