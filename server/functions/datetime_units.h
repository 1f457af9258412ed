// Names of fields in extract(), date_part() and date_trunc().
#pragma once

#include <string>
#include <string_view>

#include "server/functions/function.h"
#include "server/types/datetime_words.h"

namespace dvecdb::server::functions {

using types::DatetimeUnit;

// Throws 0A000 'unit "x" not supported for type y'.
[[noreturn]] void refuse_unit(const FunctionContext& context, std::string_view unit, Oid type);

// The unit of a name in any case; throws 22023 'unit "x" not recognized for type y'.
// date_trunc knows fewer words than extract.
DatetimeUnit find_extract_unit(const FunctionContext& context, std::string_view name, Oid type);
DatetimeUnit find_trunc_unit(const FunctionContext& context, std::string_view name, Oid type);

}  // namespace dvecdb::server::functions
