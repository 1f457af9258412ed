#include "server/query/rows_from.h"

#include <fmt/format.h>

#include <charconv>

#include "server/types/error.h"

namespace dvecdb::server::query {

namespace {

[[noreturn]] void fail() {
  throw types::SqlError(types::sqlstate::internal_error, "damaged list of functions in FROM");
}

std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) fail();
  const std::string_view field = text.substr(0, at);
  text.remove_prefix(at + 1);
  return field;
}

std::size_t take_number(std::string_view& text, char end) {
  const std::string_view digits = take_until(text, end);
  std::size_t value = 0;
  auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || stop != digits.data() + digits.size()) fail();
  return value;
}

std::string_view take_bytes(std::string_view& text, std::size_t count) {
  if (count > text.size()) fail();
  const std::string_view bytes = text.substr(0, count);
  text.remove_prefix(count);
  return bytes;
}

}  // namespace

// kind strict columns/arguments/symbol length:symbol types length:types
std::string write_rows_from(const std::vector<RowsFromCall>& calls) {
  std::string out;
  for (const RowsFromCall& call : calls) {
    out += fmt::format("{}{}{}/{}/{}:{}{}:{}", static_cast<char>(call.kind),
                       call.is_strict ? '!' : '-', call.columns, call.arguments, call.symbol.size(),
                       call.symbol, call.types.size(), call.types);
  }
  return out;
}

std::vector<RowsFromCall> read_rows_from(std::string_view text) {
  std::vector<RowsFromCall> calls;
  while (!text.empty()) {
    RowsFromCall call;
    call.kind = static_cast<RowsFromKind>(take_bytes(text, 1).front());
    call.is_strict = take_bytes(text, 1) == "!";
    call.columns = static_cast<int>(take_number(text, '/'));
    call.arguments = static_cast<int>(take_number(text, '/'));
    call.symbol = take_bytes(text, take_number(text, ':'));
    call.types = take_bytes(text, take_number(text, ':'));
    calls.push_back(std::move(call));
  }
  return calls;
}

}  // namespace dvecdb::server::query
