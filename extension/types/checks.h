// Core's checks and parsers, whose InvalidInput becomes PostgreSQL's ERROR.
#pragma once

#include <type_traits>

#include "dvecdb/vector_text.h"
#include "extension/guard.h"

namespace dvecdb::extension {

// Raises what core refused, with its SQLSTATE and detail.
[[noreturn]] void raise(const core::InputFault& fault);

// As guarded(), for code that may also throw core::InvalidInput. The text that was parsed is quoted
// in the error: it must live on.
template <class Body>
auto accepted(Body&& body) -> std::invoke_result_t<Body&> {
  using Result = std::invoke_result_t<Body&>;
  static_assert(std::is_void_v<Result> || std::is_trivially_destructible_v<Result>);
  bool is_refused = false;
  core::InputFault fault{};
  CaughtError error;
  try {
    return body();
  } catch (const core::InvalidInput& refused) {
    fault = refused.fault();
    is_refused = true;
  } catch (...) {
    describe_current_exception(error);
  }
  if (is_refused) raise(fault);
  raise(error);
}

}  // namespace dvecdb::extension
