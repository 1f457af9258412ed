// Calls a function by its symbol with arguments in text form, for table-driven tests.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/functions/function.h"

namespace dvecdb::server::functions::testing {

struct Argument {
  Oid type;
  std::optional<std::string> text;  // nullopt: NULL
};

// The text of the result, "NULL", or "SQLSTATE message" of the error. When the function is not
// there: "no function <symbol>".
std::string call(std::string_view symbol, std::vector<Argument> arguments, Oid result);
// All rows of a set-returning function, columns joined by '|', rows by ';'.
std::string call_set(std::string_view symbol, std::vector<Argument> arguments,
                     std::vector<Oid> columns);
// An aggregate over rows of one argument list.
std::string aggregate(std::string_view name, std::vector<std::vector<Argument>> rows, Oid result);

const types::IoContext& test_io();

}  // namespace dvecdb::server::functions::testing
