#include "bench/pgvector/prepare.h"

#include <algorithm>
#include <vector>

#include "bench/ann/clocks.h"
#include "bench/ann/numbers.h"
#include "bench/ann/text.h"
#include "bench/pgvector/backend_clock.h"
#include "bench/pgvector/contender.h"
#include "bench/pgvector/inserts.h"

namespace dvecdb::bench::pgvector {

namespace {

constexpr std::size_t exact_queries = 5;
constexpr int exact_repetitions = 3;

void load(demo::Client& client, const Table& table, const ann::VectorSet& set) {
  client.query(table.create());
  client.begin_copy("COPY " + table.name() + " FROM STDIN (FORMAT binary)");
  client.put_copy(copy_head);
  for (std::size_t i = 0; i < set.base.rows(); ++i) {
    client.put_copy(copy_row(i, set.base.row(i), set.base.dims));
  }
  client.put_copy(copy_tail);
  client.end_copy();
  client.query("VACUUM (FREEZE, ANALYZE) " + table.name());
}

/// Milliseconds of a search without an index, by one process.
struct ExactTime {
  double wall;
  double processor;
};
ExactTime exact_milliseconds(demo::Client& client, const Table& table, const ann::VectorSet& set) {
  client.query("SET max_parallel_workers_per_gather = 0");
  client.prepare("exact", table.search());
  const BackendClock clock(client);
  std::vector<double> times;
  std::vector<double> processor;
  for (int repetition = 0; repetition < exact_repetitions; ++repetition) {
    for (std::size_t i = 0; i < std::min(exact_queries, set.queries.rows()); ++i) {
      const std::string query = demo::vector_bytes({set.queries.row(i), set.queries.dims});
      const double processor_before = clock.seconds();
      const double begin = ann::wall_seconds();
      client.run("exact", {&query, 1});
      times.push_back(1e3 * (ann::wall_seconds() - begin));
      processor.push_back(1e3 * (clock.seconds() - processor_before));
    }
  }
  return {ann::median(times), ann::median(processor)};
}

double build_seconds(demo::Client& client, const Table& table, const Options& options) {
  const double begin = ann::wall_seconds();
  client.query(table.create_index(options.m, options.ef_construction));
  return ann::wall_seconds() - begin;
}

}  // namespace

void prepare(const ann::VectorSet& set, const Contender& contender, const Options& options,
             Results& results) {
  const auto add = [&](const std::string& name, double value) {
    results.add({.set = set.name, .contender = contender.name, .name = name, .value = value});
  };
  demo::Client client(contender.conninfo);
  const Table table(contender, set);
  add("rows", static_cast<double>(set.base.rows()));
  add("dimensions", static_cast<double>(set.base.dims));
  const double begin = ann::wall_seconds();
  load(client, table, set);
  add("load seconds", ann::wall_seconds() - begin);
  const ExactTime exact = exact_milliseconds(client, table, set);
  add("exact scan ms", exact.wall);
  add("exact scan processor ms", exact.processor);
  measure_inserts(set, contender, {.prefix = "plain ", .rows = options.inserts}, results);
  add("build seconds", build_seconds(client, table, options));
  add("index bytes", number(client, "SELECT pg_relation_size('" + table.index() + "')"));
  add("table bytes", number(client, "SELECT pg_table_size('" + table.name() + "')"));
}

}  // namespace dvecdb::bench::pgvector
