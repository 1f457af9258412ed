// Stands in for libFuzzer in the normal build: runs the target over the files of a folder and over
// random mutations of them. The random numbers are the same in every run.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int rounds = 5000;
constexpr std::size_t max_bytes = 4096;

void run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

std::vector<std::string> read_seeds(const char* folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> seeds;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  std::string next() {
    std::string bytes = pick();
    for (std::size_t steps = 1 + random_() % 4; steps > 0; --steps) mutate(bytes);
    bytes.resize(std::min(bytes.size(), max_bytes));
    return bytes;
  }

 private:
  const std::string& pick() { return seeds_[random_() % seeds_.size()]; }
  std::size_t place(const std::string& bytes) {
    return bytes.empty() ? 0 : random_() % bytes.size();
  }

  void mutate(std::string& bytes) {
    const std::size_t at = place(bytes);
    switch (random_() % 6) {
      case 0:
        if (!bytes.empty()) bytes[at] = static_cast<char>(random_());
        break;
      case 1:
        bytes.insert(at, 1, static_cast<char>(random_()));
        break;
      case 2:
        bytes.erase(at, random_() % 8);
        break;
      case 3:
        if (!bytes.empty()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << (random_() % 8)));
        break;
      case 4:
        bytes.insert(at, bytes.substr(place(bytes), random_() % 32));
        break;
      default: {
        const std::string& other = pick();
        bytes = bytes.substr(0, at) + other.substr(place(other));
        break;
      }
    }
  }

  const std::vector<std::string>& seeds_;
  std::mt19937 random_{20240229};
};

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> seeds =
      argc > 1 ? read_seeds(argv[1]) : std::vector<std::string>();
  if (seeds.empty()) {
    std::fprintf(stderr, "usage: %s <folder of seeds>\n", argv[0]);
    return EXIT_FAILURE;
  }
  for (const std::string& seed : seeds) run(seed);
  Mutator mutator(seeds);
  for (int round = 0; round < rounds; ++round) run(mutator.next());
  std::printf("%zu seeds and %d mutations survived\n", seeds.size(), rounds);
  return EXIT_SUCCESS;
}
