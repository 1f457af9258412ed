// Searches of an index whose vectors are four times as large as memory. The steps are processes of
// their own, so that run.sh can limit the memory of each.
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/ann/numbers.h"
#include "bench/ann/sets.h"
#include "bench/disk/bench_files.h"
#include "bench/disk/disk_index.h"
#include "dvecdb/code_space.h"

using namespace dvecdb::bench;

namespace {

constexpr const char* usage =
    "usage: dvecdb_bench_disk data <folder> <set>   makes a set of vectors, prints its bytes\n"
    "       dvecdb_bench_disk build <folder> [bits] builds the index with its vectors on disk\n"
    "       dvecdb_bench_disk search <folder> disk|memory\n";

int processors() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

void make_data(const disk::Folder& folder, const std::string& name) {
  constexpr std::size_t queries = 1000;
  const ann::VectorSet set = ann::load_set(
      name, {.data = {}, .cache = folder.path, .queries = queries, .threads = processors()});
  disk::write_set(folder, set);
  std::printf("%zu\n", set.base.values.size() * sizeof(float));
}

std::optional<int> bits_of(const std::vector<std::string>& arguments) {
  if (arguments.size() < 3) return std::nullopt;
  const std::size_t bits = ann::parse_count("bits of an element", arguments[2]);
  if (bits > dvecdb::core::CodeSpace::kMostGridBits) {
    throw std::invalid_argument("a code has 1 to 8 bits an element, not " + arguments[2]);
  }
  return static_cast<int>(bits);
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2) throw std::invalid_argument(usage);
  const std::string& step = arguments[0];
  const disk::Folder folder{arguments[1]};
  if (step == "data" && arguments.size() == 3) {
    make_data(folder, arguments[2]);
  } else if (step == "build" && arguments.size() <= 3) {
    disk::build_index(folder, processors(), bits_of(arguments));
  } else if (step == "search" && arguments.size() == 3) {
    disk::search_index(folder, arguments[2] == "disk");
  } else {
    throw std::invalid_argument(usage);
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    return run({arguments + 1, arguments + count});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
