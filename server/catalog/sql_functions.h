// Built-in functions whose body is SQL in PostgreSQL. Here they are implemented natively, under
// symbols of our own (their prosrc is empty).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/query/catalog.h"

namespace dvecdb::server::catalog {

// Sets symbol and language of a function that has a native implementation.
void give_native_symbol(query::ProcDesc& proc);

// "a, f(b, c), 'd,e'" -> three texts: splits a list of expressions at its outer commas.
std::vector<std::string> split_expressions(std::string_view list);

}  // namespace dvecdb::server::catalog
