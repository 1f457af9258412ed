// Keeps hostile statements away from a parser that does not check its stack.
#pragma once

#include <cstddef>
#include <string_view>

namespace dvecdb::server::query {

// An upper bound of how deep the tree of this text can be: the tokens since the last comma, AND, OR
// or semicolon, and the joins and set operations, summed over the brackets that are open. Linear
// in the text, no recursion.
std::size_t nesting_bound(std::string_view text);

}  // namespace dvecdb::server::query
