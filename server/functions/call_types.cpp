#include "server/functions/call_types.h"

#include <fmt/format.h>

#include <charconv>

namespace dvecdb::server::functions {

namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool at(char c) const { return !rest_.empty() && rest_.front() == c; }
  bool skip(char c) {
    if (!at(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!skip(c)) fail();
  }
  template <typename Number>
  Number number() {
    Number value{};
    auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{}) fail();
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }
  TypeRef type() {
    TypeRef type;
    type.oid = number<Oid>();
    expect(',');
    type.typmod = number<std::int32_t>();
    return type;
  }
  std::string counted_text() {
    const auto length = number<std::size_t>();
    expect(':');
    if (length > rest_.size()) fail();
    std::string text(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return text;
  }
  [[noreturn]] static void fail() {
    throw types::SqlError(types::sqlstate::internal_error, "damaged types of a function call");
  }

 private:
  std::string_view rest_;
};

}  // namespace

std::string write_call_types(const CallTypes& call) {
  std::string out;
  for (const TypeRef& type : call.arguments) {
    if (!out.empty()) out += ';';
    out += fmt::format("{},{}", type.oid, type.typmod);
  }
  out += fmt::format(">{},{}", call.result.oid, call.result.typmod);
  for (const CallTypes::Column& column : call.columns) {
    out += fmt::format("|{},{},{}:{}", column.type.oid, column.type.typmod, column.name.size(),
                       column.name);
  }
  return out;
}

CallTypes read_call_types(std::string_view text) {
  Reader reader(text);
  CallTypes call;
  while (!reader.at('>')) {
    call.arguments.push_back(reader.type());
    if (!reader.skip(';')) break;
  }
  reader.expect('>');
  call.result = reader.type();
  while (reader.skip('|')) {
    CallTypes::Column column;
    column.type = reader.type();
    reader.expect(',');
    column.name = reader.counted_text();
    call.columns.push_back(std::move(column));
  }
  if (!reader.at_end()) Reader::fail();
  return call;
}

}  // namespace dvecdb::server::functions
