// Inserts and searches through the wire protocol with the demo set, at several numbers of
// connections, with recall against exact answers, while health endpoints are probed.
//
//   dvecdb_bench_load <conninfo> <http port> [phase ...] [connections ...]
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/load/exact_neighbors.h"
#include "bench/load/report.h"
#include "demo/client.h"

namespace {

using dvecdb::bench::Clock;
using dvecdb::bench::ExactNeighbors;
using dvecdb::bench::HealthProbe;
using dvecdb::bench::Latencies;
using dvecdb::bench::PhaseResult;
using dvecdb::bench::Report;
using dvecdb::bench::seconds_since;
using dvecdb::demo::BinaryWriter;
using dvecdb::demo::Client;
using dvecdb::demo::Image;

constexpr int query_count = 1000;  // the last images are queries, the others rows
constexpr int neighbors = 10;
constexpr int checked_share = 7;  // one answer in so many is compared with the exact one
constexpr int batch_rows = 100;
constexpr double phase_seconds = 5;
constexpr std::array phase_names{"insert", "batch", "copy", "search", "mixed"};

// What happens on one connection; the number says which one it is.
using Worker = std::function<void(int, Latencies&)>;

struct Run {
  Latencies latencies;
  double seconds = 0;
};

// A thread for each connection. Fails as a whole when one of them fails.
Run run_workers(int connections, const Worker& worker) {
  const auto start = Clock::now();
  std::vector<Latencies> each(static_cast<std::size_t>(connections));
  std::vector<std::thread> threads;
  for (int c = 0; c < connections; ++c) {
    threads.emplace_back([&, c] {
      try {
        worker(c, each[static_cast<std::size_t>(c)]);
      } catch (const std::exception& error) {
        std::fprintf(stderr, "connection %d: %s\n", c, error.what());
        std::exit(EXIT_FAILURE);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Run all;
  all.seconds = seconds_since(start);
  for (const Latencies& one : each) all.latencies.add(one);
  return all;
}

template <typename Work>
void repeat(Latencies& latencies, Work&& work) {
  const auto start = Clock::now();
  while (seconds_since(start) < phase_seconds) latencies.time(work);
}

// Answers of all connections that were compared.
struct Recall {
  std::atomic<int> right = 0;
  std::atomic<int> asked = 0;
  double value() const { return asked == 0 ? 0 : right / (1.0 * asked * neighbors); }
};

class Bench {
 public:
  Bench(std::string conninfo, int http_port)
      : conninfo_(std::move(conninfo)),
        http_port_(http_port),
        images_(dvecdb::demo::read_demo_set()),
        rows_(static_cast<int>(images_.size()) - query_count),
        exact_(images_, query_count, neighbors) {
    for (const Image& image : images_) {
      vectors_.push_back(dvecdb::demo::vector_bytes(image.pixels));
    }
  }

  // False: a health endpoint was too slow.
  bool run(const std::set<std::string>& phases, const std::vector<int>& connection_counts) {
    Report::begin(static_cast<std::size_t>(rows_), dvecdb::demo::dimensions);
    const std::vector<std::pair<std::string, void (Bench::*)(int)>> all = {
        {"insert", &Bench::insert}, {"batch", &Bench::insert_batches}, {"copy", &Bench::copy},
        {"search", &Bench::search}, {"mixed", &Bench::mixed},
    };
    if (phases.contains("search") || phases.contains("mixed")) make_searched();
    for (const int connections : connection_counts) {
      for (const auto& [name, phase] : all) {
        if (!phases.contains(name)) continue;
        HealthProbe probe(http_port_);
        (this->*phase)(connections);
        report_.add_health(name + ", " + std::to_string(connections), probe);
        // Or its rows would still be brought into their index during the next phase.
        drop_table("inserted");
      }
    }
    return report_.print_health();
  }

 private:
  // ------------------------------------------------------------- rows

  void make_table(const std::string& name) const {
    drop_table(name);
    Client(conninfo_).query("CREATE TABLE " + name +
                            " (id integer PRIMARY KEY, label smallint, embedding vector(784))");
  }

  void drop_table(const std::string& name) const {
    Client admin(conninfo_);
    admin.query("SET client_min_messages = warning");
    admin.query("DROP TABLE IF EXISTS " + name);
  }

  void make_index(const std::string& name) const {
    Client(conninfo_).query("CREATE INDEX ON " + name + " USING hnsw (embedding vector_l2_ops)");
  }

  void make_inserted() const {
    make_table("inserted");
    make_index("inserted");
  }

  void make_searched() const {
    make_table("bench");
    Client client(conninfo_);
    copy_rows(client, "bench", 0, rows_, [this](int row) { return image_of(row); });
    make_index("bench");
  }

  std::string image_of(int row) const { return vectors_[static_cast<std::size_t>(row)]; }

  // Images again and again, each time a little different, and far from every query.
  std::string vector_of(int row) const {
    std::string bytes = vectors_[static_cast<std::size_t>(row % rows_)];
    const auto away = 2000.0F + 100.0F * static_cast<float>(row / rows_);
    bytes.replace(4, sizeof away, BinaryWriter().float32(away).bytes());
    return bytes;
  }

  static std::string integer(int value) { return BinaryWriter().int32(value).bytes(); }
  std::string label_of(int row) const {
    return BinaryWriter().int16(images_[static_cast<std::size_t>(row % rows_)].label).bytes();
  }

  static PhaseResult result_of(std::string phase, int connections, Run run,
                               int rows_a_statement = 1) {
    PhaseResult result;
    result.phase = std::move(phase);
    result.connections = connections;
    result.per_second = static_cast<double>(run.latencies.count()) * rows_a_statement / run.seconds;
    result.latencies = std::move(run.latencies);
    return result;
  }

  // ------------------------------------------------------------- inserts

  void insert(int connections) {
    make_inserted();
    std::atomic<int> next = 0;
    PhaseResult result =
        result_of("insert", connections, run_workers(connections, inserter("inserted", next)));
    Report::add(result);
  }

  Worker inserter(const std::string& table, std::atomic<int>& next) const {
    return [this, table, &next](int, Latencies& latencies) {
      Client client(conninfo_);
      client.prepare("add", "INSERT INTO " + table + " VALUES ($1, $2, $3)");
      repeat(latencies, [&] {
        const int row = next++;
        client.run("add", std::array{integer(row), label_of(row), vector_of(row)});
      });
    };
  }

  void insert_batches(int connections) {
    make_inserted();
    std::string sql = "INSERT INTO inserted VALUES ";
    for (int i = 0; i < batch_rows; ++i) {
      const int first = 3 * i + 1;
      sql += (i > 0 ? ", ($" : "($") + std::to_string(first) + ", $" + std::to_string(first + 1) +
             ", $" + std::to_string(first + 2) + ")";
    }
    std::atomic<int> next = 0;
    PhaseResult result = result_of(
        "insert, 100 rows", connections,
        run_workers(connections,
                    [&](int, Latencies& latencies) {
                      Client client(conninfo_);
                      client.prepare("add", sql);
                      repeat(latencies, [&] {
                        const int first = next.fetch_add(batch_rows);
                        std::vector<std::string> parameters;
                        for (int row = first; row < first + batch_rows; ++row) {
                          parameters.insert(parameters.end(),
                                            {integer(row), label_of(row), vector_of(row)});
                        }
                        client.run("add", parameters);
                      });
                    }),
        batch_rows);
    Report::add(result);
  }

  void copy(int connections) {
    make_inserted();
    std::atomic<int> next = 0;
    PhaseResult result =
        result_of("COPY, 1000 rows", connections,
                  run_workers(connections,
                              [&](int, Latencies& latencies) {
                                Client client(conninfo_);
                                repeat(latencies, [&] {
                                  copy_rows(client, "inserted", next.fetch_add(1000), 1000,
                                            [this](int row) { return vector_of(row); });
                                });
                              }),
                  1000);
    Report::add(result);
  }

  void copy_rows(Client& client, const std::string& table, int first, int count,
                 const std::function<std::string(int)>& vector) const {
    client.begin_copy("COPY " + table + " FROM STDIN (FORMAT binary)");
    client.put_copy(std::string_view("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19));
    BinaryWriter writer;
    for (int row = first; row < first + count; ++row) {
      const std::string bytes = vector(row);
      writer.clear();
      writer.int16(3).int32(4).int32(row).int32(2).raw(label_of(row));
      writer.int32(static_cast<std::int32_t>(bytes.size())).raw(bytes);
      client.put_copy(writer.bytes());
    }
    client.put_copy("\377\377");
    client.end_copy();
  }

  // ------------------------------------------------------------- searches

  void search(int connections) {
    Recall recall;
    PhaseResult result =
        result_of("search", connections, run_workers(connections, searcher(recall)));
    result.recall = recall.value();
    Report::add(result);
  }

  Worker searcher(Recall& recall) const {
    return [this, &recall](int c, Latencies& latencies) {
      Client client(conninfo_);
      client.prepare("near", "SELECT id FROM bench ORDER BY embedding <-> $1 LIMIT 10");
      int round = c * 37;
      repeat(latencies, [&] {
        const int query = round++ % query_count;
        const dvecdb::demo::Result found = client.run("near", std::array{image_of(rows_ + query)});
        // Not each: the clients share the machine with the server.
        if (round % checked_share != 0) return;
        std::vector<int> ids;
        for (int i = 0; i < found.rows(); ++i) ids.push_back(std::stoi(found.text(i, 0)));
        recall.right += exact_.count_right(query, ids);
        ++recall.asked;
      });
    };
  }

  // Half of the connections search the table that the other half inserts into.
  void mixed(int connections) {
    const int half = std::max(1, connections / 2);
    std::atomic<int> next = rows_;
    Recall recall;
    const Worker search = searcher(recall);
    const Worker insert = inserter("bench", next);
    Run inserts;
    std::thread inserting([&] { inserts = run_workers(half, insert); });
    PhaseResult searched = result_of("mixed: search", half, run_workers(half, search));
    inserting.join();
    searched.recall = recall.value();
    Report::add(searched);
    PhaseResult inserted = result_of("mixed: insert", half, std::move(inserts));
    Report::add(inserted);
    make_searched();
  }

  std::string conninfo_;
  int http_port_;
  std::vector<Image> images_;
  int rows_;
  ExactNeighbors exact_;
  std::vector<std::string> vectors_;  // the images in binary form
  Report report_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s <conninfo> <http port> [phase ...] [connections ...]\n",
                 argv[0]);
    return 2;
  }
  const std::set<std::string> known(phase_names.begin(), phase_names.end());
  std::set<std::string> phases;
  std::vector<int> connections;
  for (int i = 3; i < argc; ++i) {
    const int count = std::atoi(argv[i]);
    if (!known.contains(argv[i]) && count <= 0) {
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
    return Bench(argv[1], std::atoi(argv[2])).run(phases, connections) ? EXIT_SUCCESS
                                                                       : EXIT_FAILURE;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return EXIT_FAILURE;
  }
}
