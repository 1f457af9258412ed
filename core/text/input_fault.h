#pragma once

#include <string_view>

#include "dvecdb/vector_text.h"

namespace dvecdb::core {

/// Throws InvalidInput with a message without a quotation, as of printf.
[[noreturn, gnu::format(printf, 2, 3)]] void refuse(Refusal refusal, const char* format, ...);

/// `"token" is out of range for type <type>`
[[noreturn]] void refuse_out_of_range(const VectorType& type, std::string_view token);

/// `invalid input syntax for type <type>: "text"`
[[noreturn]] void refuse_syntax(const VectorType& type, std::string_view text,
                                const char* detail = nullptr);

}  // namespace dvecdb::core
