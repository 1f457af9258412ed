#pragma once

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>

namespace dvecdb::bench::ann {

/// What main() returns: calls `body`, and says on standard error why it threw. Wrong arguments
/// (std::invalid_argument) give 2.
template <class Body>
int run_program(const char* name, Body body) {
  try {
    body();
    return EXIT_SUCCESS;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "%s: %s; see --help\n", name, error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", name, error.what());
    return EXIT_FAILURE;
  }
}

}  // namespace dvecdb::bench::ann
