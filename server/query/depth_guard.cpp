// Keeps the analyzer's recursion inside its thread's stack.
#include <pthread.h>

#include <cstdint>

#include "server/query/analyze_internal.h"

namespace dvecdb::server::query {

namespace {

// What the deepest calls, later walks over the tree and the unwinding may still need.
constexpr std::uintptr_t reserve_bytes = 1u << 20;

// The lowest address that this thread may go down to.
std::uintptr_t find_stack_limit() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
  void* lowest = nullptr;
  std::size_t size = 0;
  pthread_attr_getstack(&attributes, &lowest, &size);
  pthread_attr_destroy(&attributes);
  return reinterpret_cast<std::uintptr_t>(lowest) + reserve_bytes;
}

bool is_near_the_end() {
  thread_local const std::uintptr_t limit = find_stack_limit();
  const char here = 0;
  return reinterpret_cast<std::uintptr_t>(&here) < limit;
}

}  // namespace

DepthGuard::DepthGuard(Statement& statement) : statement_(statement) {
  if (statement.depth >= max_expression_depth || is_near_the_end()) {
    throw SqlError(sqlstate::statement_too_complex, "stack depth limit exceeded")
        .hint("The statement nests too deeply; split it.");
  }
  ++statement.depth;
}

}  // namespace dvecdb::server::query
