// The wall between C++ exceptions and PostgreSQL's errors.
//
// PostgreSQL's ereport(ERROR) is a longjmp: it runs no destructors. A C++ exception must never pass
// a frame of PostgreSQL. So: code that may throw runs inside guarded(), which calls nothing of
// PostgreSQL; code that calls PostgreSQL holds nothing that needs a destructor.
#pragma once

#include <exception>
#include <type_traits>
#include <utility>

#include "extension/postgres.h"

namespace dvecdb::extension {

// What is kept of an exception until its catch block is left: no destructor, no allocation.
struct CaughtError {
  int sqlstate;
  char message[512];
};

// Fills `error` from the exception that is being handled. std::bad_alloc is out_of_memory,
// std::invalid_argument and std::length_error are the caller's value, FileError and CorruptFile are
// io_error and data_corrupted; everything else is internal_error.
void describe_current_exception(CaughtError& error) noexcept;

// Raises `error` as PostgreSQL's ERROR.
[[noreturn]] void raise(const CaughtError& error);

// Calls `body`, and turns an exception that leaves it into PostgreSQL's ERROR. `body` must not call
// PostgreSQL. Its result must need no destructor, as the caller may be left by a longjmp.
template <class Body>
auto guarded(Body&& body) -> std::invoke_result_t<Body&> {
  using Result = std::invoke_result_t<Body&>;
  static_assert(std::is_void_v<Result> || std::is_trivially_destructible_v<Result>);
  CaughtError error;
  try {
    return body();
  } catch (...) {
    describe_current_exception(error);
  }
  raise(error);
}

}  // namespace dvecdb::extension
