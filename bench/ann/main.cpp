// The index beside its peers. README.md tells what is measured and how.
#include <iostream>

#include "bench/ann/options.h"
#include "bench/ann/run_program.h"

int main(int argc, char** argv) {
  using namespace dvecdb::bench::ann;
  return run_program(argv[0], [&] {
    const Options options = parse_options({argv + 1, argv + argc});
    if (options.wants_help) {
      std::cout << help_text();
    } else {
      run_benchmark(options, std::cout);
    }
  });
}
