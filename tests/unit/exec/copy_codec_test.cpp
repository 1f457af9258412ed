#include <gtest/gtest.h>

#include "server/exec/copy/copy_format.h"
#include "server/types/error.h"
#include "server/types/oids.h"

namespace dvecdb::server::exec {
namespace {

// Rows as "a|b", NULL as <null>; the error's state and message when there is one. The data comes
// in pieces of `piece` bytes.
std::string read_all(const CopyOptions& options, std::vector<std::string> names, std::string data,
                     std::size_t piece) {
  std::size_t position = 0;
  std::string current;
  const auto source = [&]() -> std::optional<std::string_view> {
    if (position >= data.size()) return std::nullopt;
    current = data.substr(position, piece);
    position += current.size();
    return current;
  };
  const auto reader = make_copy_reader(options, std::move(names), source);
  std::string out;
  try {
    std::vector<CopyField> fields;
    while (reader->next(fields)) {
      std::string row;
      for (std::size_t i = 0; i < fields.size(); ++i) {
        if (i > 0) row += "|";
        row += fields[i].is_null ? std::string("<null>") : std::string(fields[i].bytes);
      }
      out += row + "\n";
    }
  } catch (const types::SqlError& error) {
    out += error.sqlstate() + " " + error.what() + " at " + std::to_string(reader->line_number());
  }
  return out;
}

void expect_rows(const CopyOptions& options, std::vector<std::string> names, std::string data,
                 std::string_view expected) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
    EXPECT_EQ(read_all(options, names, data, piece), expected) << "in pieces of " << piece;
  }
}

CopyOptions csv() {
  CopyOptions options;
  options.format = CopyFormat::csv;
  options.delimiter = ',';
  options.null_text = "";
  return options;
}

TEST(CopyText, ReadsEscapesAndNulls) {
  expect_rows({}, {"a", "b"}, "1\tone\n2\t\\N\n3\ta\\tb\\\\c\\x41\\101\n",
              "1|one\n2|<null>\n3|a\tb\\cAA\n");
  expect_rows({}, {"a"}, "x\\\ny\nz", "x\ny\nz\n");
  expect_rows({}, {"a"}, "x\r\ny\r\n", "x\ny\n");
  expect_rows({}, {"a"}, "x\n\\.\ny\n", "x\n");
}

TEST(CopyText, RefusesWhatIsNoRow) {
  expect_rows({}, {"a", "b"}, "1\n", "22P04 missing data for column \"b\" at 1");
  expect_rows({}, {"a"}, "1\t2\n", "22P04 extra data after last expected column at 1");
  expect_rows({}, {"a"}, "x\ny\r\n", "x\n22P04 literal carriage return found in data at 2");
  expect_rows({}, {"a"}, "\xff\n", "22021 invalid byte sequence for encoding \"UTF8\": 0xff at 1");
}

TEST(CopyCsv, ReadsQuotes) {
  expect_rows(csv(), {"a", "b"}, "1,\"x,\"\"y\"\"\"\n2,\n3,\"\"\n4,\"m\nl\"\n",
              "1|x,\"y\"\n2|<null>\n3|\n4|m\nl\n");
  CopyOptions escaped = csv();
  escaped.escape = '\\';
  expect_rows(escaped, {"a"}, "\"a\\\"b\"\nc\n", "a\"b\nc\n");
  CopyOptions forced = csv();
  forced.force_not_null = {true};
  forced.force_null = {false, true};
  expect_rows(forced, {"a", "b"}, ",\"\"\n", "|<null>\n");
}

TEST(CopyCsv, RefusesAnOpenQuote) {
  expect_rows(csv(), {"a"}, "\"x\n", "22P04 unterminated CSV quoted field at 1");
}

TEST(CopyCsv, MatchesTheHeader) {
  CopyOptions options = csv();
  options.header = CopyHeader::match;
  expect_rows(options, {"a", "b"}, "a,b\n1,2\n", "1|2\n");
  expect_rows(options, {"a", "b"}, "a,c\n1,2\n",
              "22P04 column name mismatch in header line field 2: got \"c\", expected \"b\" at 1");
}

std::vector<ResultColumn> text_columns(std::size_t count) {
  std::vector<ResultColumn> columns;
  for (std::size_t i = 0; i < count; ++i) {
    columns.push_back({"c" + std::to_string(i), {types::oids::text, -1}, 0, 0});
  }
  return columns;
}

TEST(CopyBinary, ReadsWhatItWrites) {
  const types::IoContext io;
  CopyOptions options;
  options.format = CopyFormat::binary;
  const auto writer = make_copy_writer(options, text_columns(2), io);
  std::string data;
  writer->begin(data);
  writer->row(std::vector<Value>{Value::text("x"), Value::null()}, data);
  writer->row(std::vector<Value>{Value::text(""), Value::text("long enough")}, data);
  writer->end(data);
  expect_rows(options, {"a", "b"}, data, "x|<null>\n|long enough\n");
  expect_rows(options, {"a"}, data, "22P04 row field count is 2, expected 1 at 1");
  expect_rows(options, {"a", "b"}, data.substr(0, data.size() - 5),
              "x|<null>\n22P04 unexpected EOF in COPY data at 2");
  expect_rows(options, {"a"}, "PGCOPY", "22P04 COPY file signature not recognized at 0");
}

TEST(CopyText, WritesWhatItReads) {
  const types::IoContext io;
  const auto writer = make_copy_writer({}, text_columns(2), io);
  std::string data;
  writer->row(std::vector<Value>{Value::text("a\tb\\\n"), Value::null()}, data);
  EXPECT_EQ(data, "a\\tb\\\\\\n\t\\N\n");
}

TEST(CopyCsv, QuotesWhatItMust) {
  const types::IoContext io;
  const auto writer = make_copy_writer(csv(), text_columns(3), io);
  std::string data;
  writer->row(std::vector<Value>{Value::text("a,b"), Value::text("q\"q"), Value::text("")}, data);
  EXPECT_EQ(data, "\"a,b\",\"q\"\"q\",\"\"\n");
}

}  // namespace
}  // namespace dvecdb::server::exec
