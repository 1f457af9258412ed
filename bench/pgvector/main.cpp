// An index method of PostgreSQL beside another. README.md tells what is measured and how.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include "bench/ann/report.h"
#include "bench/ann/run_program.h"
#include "bench/pgvector/inserts.h"
#include "bench/pgvector/options.h"
#include "bench/pgvector/prepare.h"
#include "bench/pgvector/report.h"
#include "bench/pgvector/search.h"

namespace {

using namespace dvecdb::bench;
using namespace dvecdb::bench::pgvector;

void run_phase(const ann::VectorSet& set, const Options& options, Results& results) {
  if (options.phase == "search") {
    const bool is_disk = options.place == "disk";
    if (!is_disk) {
      for (const Contender& contender : options.contenders) read_into_buffers(contender, set);
    }
    (is_disk ? measure_disk_searches : measure_searches)(set, options, results);
    return;
  }
  if (options.phase == "prepare") return prepare(set, options, results);
  if (options.phase != "write") {
    throw std::invalid_argument("no phase \"" + options.phase + "\"");
  }
  for (const Contender& contender : options.contenders) {
    read_into_buffers(contender, set);
    measure_inserts(set, contender, {.prefix = "", .rows = options.inserts}, results);
    measure_vacuum(set, contender, results);
  }
}

void report(const Options& options, const Results& results) {
  const std::string tables = ann::machine_line() + ".\n\n" + summary(results);
  std::ofstream(options.out + "/summary.md") << "# Beside pgvector: measured\n\n" << tables;
  std::cout << tables;
  for (const std::string& line : target_lines(results)) std::cout << line << "\n";
}

void run(const Options& options) {
  std::filesystem::create_directories(options.out);
  Results results(options.out + "/results.csv");
  if (options.phase == "report") return report(options, results);
  for (const std::string& name : options.sets) {
    run_phase(ann::load_set(name, options.source), options, results);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return dvecdb::bench::ann::run_program(argv[0], [&] {
    if (argc > 1 && std::string(argv[1]) == "--help") {
      std::cout << help_text();
    } else {
      run(parse_options({argv + 1, argv + argc}));
    }
  });
}
