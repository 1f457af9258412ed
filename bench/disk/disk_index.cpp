#include "bench/disk/disk_index.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <string>

#include "bench/ann/on_threads.h"
#include "dvecdb/code_space.h"

namespace dvecdb::bench::disk {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// A number of this process that the system counts: a line of a file in /proc.
double counted(const char* file, const std::string& name) {
  std::ifstream in(file);
  for (std::string word; in >> word;) {
    double value = 0;
    if (word == name && in >> value) return value;
  }
  return 0;
}

double resident_mb() {
  return counted("/proc/self/status", "RssAnon:") / 1000;
}

class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : file_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (file_ < 0) throw std::runtime_error("cannot open \"" + path + "\"");
  }
  ~OpenFile() { close(file_); }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  void read(void* out, std::size_t bytes, std::size_t offset) const {
    if (pread(file_, out, bytes, static_cast<off_t>(offset)) != static_cast<ssize_t>(bytes)) {
      throw std::runtime_error("a file is cut short");
    }
  }
  /// What of it is in memory makes room.
  void forget() const {
    fdatasync(file_);
    posix_fadvise(file_, 0, 0, POSIX_FADV_DONTNEED);
  }

 private:
  int file_;
};

core::HnswStats print_memory(const core::HnswIndex& index) {
  core::HnswStats stats = index.stats();
  const double rows = static_cast<double>(stats.size);
  std::printf(
      "  codes, links, nodes and labels: %.0f bytes a vector (%.1f%% of the vectors); ",
      static_cast<double>(stats.graph_bytes) / rows,
      100.0 * static_cast<double>(stats.graph_bytes) / static_cast<double>(stats.vector_bytes));
  std::printf("vectors: %.0f MB %s; memory of the process: %.0f MB\n",
              static_cast<double>(stats.vector_bytes) / 1e6,
              stats.vectors_on_disk ? "on disk" : "in memory", resident_mb());
  return stats;
}

struct Measured {
  double seconds = 0;
  double recall = 0;
  double read_kb = 0;  ///< from disk, a query
  std::vector<double> latencies;
};

double recall_of(const std::vector<core::Neighbor>& found, double kth_distance) {
  const double limit = kth_distance * 1.001;  // as bench/ann has it
  const auto hits = std::count_if(found.begin(), found.end(), [&](const core::Neighbor& neighbor) {
    return neighbor.distance <= limit;
  });
  return static_cast<double>(hits) / static_cast<double>(ann::neighbors);
}

Measured ask_all(const core::HnswIndex& index, const Questions& questions, std::size_t ef,
                 int threads) {
  const std::size_t count = questions.queries.rows();
  Measured measured;
  measured.latencies.resize(count);
  std::vector<double> recalls(count);
  std::atomic<std::size_t> next = 0;
  const double read_before = counted("/proc/self/io", "read_bytes:");
  const auto start = Clock::now();
  ann::on_threads(threads, [&](int) {
    for (std::size_t i = next++; i < count; i = next++) {
      const auto begin = Clock::now();
      const auto found = index.search(questions.queries.row(i), ann::neighbors, ef);
      measured.latencies[i] = seconds_since(begin);
      recalls[i] = recall_of(found, questions.kth_distances[i]);
    }
  });
  measured.seconds = seconds_since(start);
  const double read = counted("/proc/self/io", "read_bytes:") - read_before;
  measured.read_kb = read / 1024 / static_cast<double>(count);
  for (const double recall : recalls) measured.recall += recall / static_cast<double>(count);
  std::sort(measured.latencies.begin(), measured.latencies.end());
  return measured;
}

}  // namespace

void build_index(const Folder& folder, int threads, std::optional<int> bits) {
  const Questions questions = read_questions(folder);
  const std::size_t dims = questions.queries.dims;
  const OpenFile rows(folder.rows());
  rows.forget();
  core::HnswOptions options;
  options.dims = dims;
  options.vectors_folder = folder.path;
  if (bits) options.code = core::CodeSpace::grid_kind(*bits);
  core::HnswIndex index(options);
  const auto start = Clock::now();
  std::atomic<std::size_t> next = 0;
  ann::on_threads(threads, [&](int) {
    std::vector<float> row(dims);
    for (std::size_t i = next++; i < questions.rows; i = next++) {
      rows.read(row.data(), dims * sizeof(float), i * dims * sizeof(float));
      index.insert(i, row.data());
    }
  });
  std::printf("built in %.0f s by %d threads", seconds_since(start), threads);
  const auto saving = Clock::now();
  index.save(folder.index());
  std::printf(", saved in %.1f s\n", seconds_since(saving));
  print_memory(index);
}

void search_index(const Folder& folder, bool on_disk) {
  const Questions questions = read_questions(folder);
  OpenFile(folder.index()).forget();
  auto start = Clock::now();
  core::HnswIndex index =
      core::HnswIndex::load(folder.index(), nullptr, on_disk ? folder.path : std::string());
  const double opened = seconds_since(start);
  start = Clock::now();
  index.warm();
  std::printf("opened in %.0f ms, warm after another %.0f ms\n", 1e3 * opened,
              1e3 * seconds_since(start));
  print_memory(index);
  std::printf("%-10s%8s%6s%12s%10s%10s%11s%15s\n", "vectors", "threads", "ef", "queries/s",
              "p50 us", "p99 us", "recall@10", "KB read/query");
  for (const int threads : {1, 4}) {
    for (const std::size_t ef : std::initializer_list<std::size_t>{40, 100, 250}) {
      ask_all(index, questions, ef, threads);
      const Measured measured = ask_all(index, questions, ef, threads);
      const std::size_t count = measured.latencies.size();
      std::printf("%-10s%8d%6zu%12.0f%10.0f%10.0f%11.4f%15.1f\n", on_disk ? "on disk" : "in memory",
                  threads, ef, static_cast<double>(count) / measured.seconds,
                  1e6 * measured.latencies[count / 2], 1e6 * measured.latencies[count * 99 / 100],
                  measured.recall, measured.read_kb);
      std::fflush(stdout);
    }
  }
}

}  // namespace dvecdb::bench::disk
