// The index beside its peers. README.md tells what is measured and how.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>

#include "bench/ann/options.h"

int main(int argc, char** argv) {
  using namespace dvecdb::bench::ann;
  try {
    const Options options = parse_options({argv + 1, argv + argc});
    if (options.wants_help) {
      std::cout << help_text();
    } else {
      run_benchmark(options, std::cout);
    }
    return EXIT_SUCCESS;
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "%s: %s; see --help\n", argv[0], error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return EXIT_FAILURE;
  }
}
