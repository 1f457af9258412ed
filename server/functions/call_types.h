// CallTypes as a short text, so that a call in the row store's SQL can carry them as a literal.
//   oid,typmod;oid,typmod>oid,typmod|oid,typmod,length:name|...
// (arguments, result, columns).
#pragma once

#include <string>
#include <string_view>

#include "server/functions/function.h"

namespace dvecdb::server::functions {

std::string write_call_types(const CallTypes& call);
// Throws SqlError (XX000) for a text that write_call_types did not make.
CallTypes read_call_types(std::string_view text);

}  // namespace dvecdb::server::functions
