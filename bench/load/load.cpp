// Inserts and searches through the wire protocol with the demo set, at several numbers of
// connections, with recall against exact answers, while health endpoints are probed.
//
//   dvecdb_bench_load <conninfo> <http port> [phase ...] [connections ...]
//
// Phases are insert, search and mixed, all when none is named; without insert the table must be
// there from an earlier run.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "demo/client.h"
#include "demo/demo_set.h"

namespace {

using dvecdb::demo::BinaryWriter;
using dvecdb::demo::Client;
using dvecdb::demo::Image;
using Clock = std::chrono::steady_clock;

constexpr int query_count = 1000;  // the last images are queries, the others rows
constexpr int neighbors = 10;
constexpr int checked_share = 7;  // one answer in so many is compared with the exact one
constexpr double phase_seconds = 4;

struct Latencies {
  std::vector<double> milliseconds;

  double percentile(double share) {
    if (milliseconds.empty()) return 0;
    std::sort(milliseconds.begin(), milliseconds.end());
    const auto last = static_cast<double>(milliseconds.size() - 1);
    return milliseconds[static_cast<std::size_t>(share * last)];
  }
};

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// ---------------------------------------------------------------- health under load

double probe_milliseconds(int port, const std::string& path) {
  const auto start = Clock::now();
  const int socket_fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  char answer[4096];
  double elapsed = -1;
  if (connect(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      write(socket_fd, request.data(), request.size()) > 0 &&
      read(socket_fd, answer, sizeof answer) > 0) {
    elapsed = 1000 * seconds_since(start);
  }
  close(socket_fd);
  return elapsed;
}

// Asks the three endpoints in turn until told to stop.
class HealthProbe {
 public:
  explicit HealthProbe(int port) : thread_([this, port] { run(port); }) {}
  ~HealthProbe() { stop(); }

  void stop() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }

  void print() {
    stop();
    constexpr double limits[] = {10, 50, 100};
    for (std::size_t i = 0; i < std::size(paths_); ++i) {
      std::printf(
          "health %-14s %6zu probes  p50 %.2f ms  p99 %.2f ms  worst %.2f ms  limit %.0f ms\n",
          paths_[i], latencies_[i].milliseconds.size(), latencies_[i].percentile(0.5),
          latencies_[i].percentile(0.99), latencies_[i].percentile(1), limits[i]);
    }
  }

 private:
  void run(int port) {
    while (!stopping_) {
      for (std::size_t i = 0; i < std::size(paths_); ++i) {
        latencies_[i].milliseconds.push_back(probe_milliseconds(port, paths_[i]));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }

  static constexpr const char* paths_[] = {"/health/live", "/ready", "/health/check"};
  Latencies latencies_[3];
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

// ---------------------------------------------------------------- phases

struct PhaseResult {
  double per_second = 0;
  Latencies latencies;
};

// Calls start_worker(connection number, connections, its latencies) on a thread a connection.
PhaseResult run_phase(int connections,
                      const std::function<void(int, int, Latencies&)>& start_worker) {
  std::vector<Latencies> per_connection(static_cast<std::size_t>(connections));
  std::vector<std::thread> threads;
  const auto start = Clock::now();
  for (int c = 0; c < connections; ++c) {
    threads.emplace_back([&, c] {
      try {
        start_worker(c, connections, per_connection[static_cast<std::size_t>(c)]);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "connection %d: %s\n", c, error.what());
        std::exit(EXIT_FAILURE);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double seconds = seconds_since(start);
  PhaseResult result;
  for (const Latencies& one : per_connection) {
    result.latencies.milliseconds.insert(result.latencies.milliseconds.end(),
                                         one.milliseconds.begin(), one.milliseconds.end());
  }
  result.per_second = static_cast<double>(result.latencies.milliseconds.size()) / seconds;
  return result;
}

template <typename Work>
void timed(Latencies& latencies, Work&& work) {
  const auto start = Clock::now();
  work();
  latencies.milliseconds.push_back(1000 * seconds_since(start));
}

class Bench {
 public:
  Bench(std::string conninfo, int http_port)
      : conninfo_(std::move(conninfo)),
        http_port_(http_port),
        images_(dvecdb::demo::read_demo_set()),
        rows_(static_cast<int>(images_.size()) - query_count) {}

  void run(const std::set<std::string>& phases, const std::vector<int>& connection_counts) {
    find_exact_neighbors();
    std::printf("%-8s %12s %12s %10s %10s %10s\n", "phase", "connections", "per second", "p50 ms",
                "p99 ms", "recall@10");
    std::fflush(stdout);
    for (const int connections : connection_counts) {
      HealthProbe probe(http_port_);
      if (phases.count("insert") > 0) insert(connections);
      if (phases.count("search") > 0) search(connections);
      if (phases.count("mixed") > 0) mixed(connections);
      probe.print();
    }
  }

 private:
  void find_exact_neighbors() {
    exact_.resize(query_count);
    std::vector<std::thread> threads;
    const int workers = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    for (int w = 0; w < workers; ++w) {
      threads.emplace_back([this, w, workers] {
        for (int q = w; q < query_count; q += workers)
          exact_[static_cast<std::size_t>(q)] = exact_distances(q);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  // The squared distance of the k-th neighbor: ties count as right.
  double exact_distances(int query) const {
    const std::vector<float>& target = query_vector(query);
    std::vector<double> distances;
    for (int row = 0; row < rows_; ++row) distances.push_back(squared(target, row));
    std::nth_element(distances.begin(), distances.begin() + (neighbors - 1), distances.end());
    return distances[neighbors - 1];
  }

  double squared(const std::vector<float>& target, int row) const {
    const std::vector<float>& other = images_[static_cast<std::size_t>(row)].pixels;
    float sum = 0;
    for (std::size_t i = 0; i < other.size(); ++i)
      sum += (target[i] - other[i]) * (target[i] - other[i]);
    return sum;
  }

  const std::vector<float>& query_vector(int query) const {
    return images_[static_cast<std::size_t>(rows_ + query)].pixels;
  }

  void insert(int connections) {
    Client admin(conninfo_);
    admin.query("SET client_min_messages = warning");
    admin.query("DROP TABLE IF EXISTS bench");
    admin.query(
        "CREATE TABLE bench (id integer PRIMARY KEY, label smallint, embedding vector(784))");
    admin.query("CREATE INDEX ON bench USING hnsw (embedding vector_l2_ops)");
    PhaseResult result = run_phase(connections, [this](int c, int step, Latencies& latencies) {
      Client client(conninfo_);
      client.prepare("add", "INSERT INTO bench VALUES ($1, $2, $3)");
      for (int row = c; row < rows_; row += step) {
        const std::vector<std::string> parameters = row_parameters(row);
        timed(latencies, [&] { client.run("add", parameters); });
      }
    });
    print("insert", connections, result, -1);
  }

  std::vector<std::string> row_parameters(int row) const {
    const Image& image = images_[static_cast<std::size_t>(row)];
    return {BinaryWriter().int32(row).bytes(), BinaryWriter().int16(image.label).bytes(),
            dvecdb::demo::vector_bytes(image.pixels)};
  }

  void search(int connections) {
    std::atomic<int> right = 0;
    std::atomic<int> asked = 0;
    PhaseResult result = run_phase(connections, [&](int c, int, Latencies& latencies) {
      search_worker(c, latencies, right, asked);
    });
    print("search", connections, result, recall(right, asked));
  }

  void search_worker(int c, Latencies& latencies, std::atomic<int>& right,
                     std::atomic<int>& asked) {
    Client client(conninfo_);
    client.prepare("near", "SELECT id FROM bench ORDER BY embedding <-> $1 LIMIT 10");
    const auto start = Clock::now();
    for (int round = c * 37; seconds_since(start) < phase_seconds; ++round) {
      const int query = round % query_count;
      const std::vector<std::string> parameters = {dvecdb::demo::vector_bytes(query_vector(query))};
      std::optional<dvecdb::demo::Result> found;
      timed(latencies, [&] { found.emplace(client.run("near", parameters)); });
      // Not each: the clients share the machine with the server.
      if (round % checked_share != 0) continue;
      right += count_right(query, *found);
      ++asked;
    }
  }

  int count_right(int query, const dvecdb::demo::Result& found) const {
    const double limit = exact_[static_cast<std::size_t>(query)] * 1.001;
    std::set<int> ids;
    for (int i = 0; i < found.rows(); ++i) ids.insert(std::stoi(found.text(i, 0)));
    return static_cast<int>(std::count_if(ids.begin(), ids.end(), [&](int id) {
      return id < rows_ && squared(query_vector(query), id) <= limit;
    }));
  }

  static double recall(int right, int asked) {
    return asked == 0 ? 0 : static_cast<double>(right) / (static_cast<double>(asked) * neighbors);
  }

  // Half of the connections search while the others move rows: delete and insert again.
  void mixed(int connections) {
    if (connections < 2) return;
    std::atomic<int> right = 0;
    std::atomic<int> asked = 0;
    std::atomic<int> writes = 0;
    PhaseResult result = run_phase(connections, [&](int c, int step, Latencies& latencies) {
      if (c % 2 == 0) {
        search_worker(c, latencies, right, asked);
      } else {
        Latencies unused;
        write_worker(c, step, unused, writes);
      }
    });
    print("mixed", connections, result, recall(right, asked));
    std::printf("%-8s %12d %12.0f rows a second rewritten beside the searches\n", "", connections,
                writes / phase_seconds);
  }

  void write_worker(int c, int step, Latencies& latencies, std::atomic<int>& writes) {
    Client client(conninfo_);
    client.prepare("change", "UPDATE bench SET label = $2, embedding = $3 WHERE id = $1");
    const auto start = Clock::now();
    for (int row = c; seconds_since(start) < phase_seconds; row = (row + step) % rows_) {
      const std::vector<std::string> parameters = row_parameters(row);
      timed(latencies, [&] { client.run("change", parameters); });
      ++writes;
    }
  }

  static void print(const char* phase, int connections, PhaseResult& result, double measured) {
    std::printf("%-8s %12d %12.0f %10.3f %10.3f ", phase, connections, result.per_second,
                result.latencies.percentile(0.5), result.latencies.percentile(0.99));
    if (measured < 0) {
      std::printf("%10s\n", "-");
    } else {
      std::printf("%10.4f\n", measured);
    }
    std::fflush(stdout);
  }

  std::string conninfo_;
  int http_port_;
  std::vector<Image> images_;
  int rows_;
  std::vector<double> exact_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s <conninfo> <http port> [phase ...] [connections ...]\n",
                 argv[0]);
    return 2;
  }
  const std::set<std::string> known = {"insert", "search", "mixed"};
  std::set<std::string> phases;
  std::vector<int> connections;
  for (int i = 3; i < argc; ++i) {
    const int count = std::atoi(argv[i]);
    if (known.count(argv[i]) == 0 && count <= 0) {
      std::fprintf(stderr, "%s: neither a phase nor a number of connections: %s\n", argv[0],
                   argv[i]);
      return 2;
    }
    if (count > 0) {
      connections.push_back(count);
    } else {
      phases.insert(argv[i]);
    }
  }
  if (phases.empty()) phases = known;
  if (connections.empty()) connections = {1, 8, 64};
  try {
    Bench(argv[1], std::atoi(argv[2])).run(phases, connections);
    return EXIT_SUCCESS;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return EXIT_FAILURE;
  }
}
