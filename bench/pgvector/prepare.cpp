#include "bench/pgvector/prepare.h"

#include <algorithm>
#include <numeric>
#include <string>
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
constexpr int exact_turns = 3;
// Of builds that are over soon there are more: what else the machine does weighs more with them.
constexpr int most_builds = 3;
constexpr double enough_build_seconds = 10;

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

/// A contender with its table, and what was measured of it by now.
struct Prepared {
  Prepared(const Contender& made_by, const ann::VectorSet& set)
      : contender(&made_by), client(made_by.conninfo), table(made_by, set) {}

  const Contender* contender;
  demo::Client client;
  Table table;
  std::vector<double> exact_ms;
  std::vector<double> exact_processor_ms;
  std::vector<double> builds;
};

/// Searches without an index, by one process.
void scan_exactly(Prepared& one, const ann::VectorSet& set) {
  const BackendClock clock(one.client);
  for (std::size_t i = 0; i < std::min(exact_queries, set.queries.rows()); ++i) {
    const std::string query = demo::vector_bytes({set.queries.row(i), set.queries.dims});
    const double processor_before = clock.seconds();
    const double begin = ann::wall_seconds();
    one.client.run("exact", {&query, 1});
    one.exact_ms.push_back(1e3 * (ann::wall_seconds() - begin));
    one.exact_processor_ms.push_back(1e3 * (clock.seconds() - processor_before));
  }
}

double build_seconds(demo::Client& client, const Table& table, const Options& options) {
  const double begin = ann::wall_seconds();
  client.query(table.create_index(options.m, options.ef_construction));
  return ann::wall_seconds() - begin;
}

/// In turns, until there are enough of them for every contender.
void build_in_turns(std::vector<Prepared>& all, const Options& options) {
  double slowest = 0;
  for (int turn = 0; turn < most_builds && slowest < enough_build_seconds; ++turn) {
    for (Prepared& one : all) {
      one.client.query("DROP INDEX IF EXISTS " + one.table.index());
      one.builds.push_back(build_seconds(one.client, one.table, options));
      slowest = std::max(slowest, std::accumulate(one.builds.begin(), one.builds.end(), 0.0));
    }
  }
}

}  // namespace

// What is compared is measured in turns, so that what else the machine does hits all alike.
void prepare(const ann::VectorSet& set, const Options& options, Results& results) {
  std::vector<Prepared> all;
  for (const Contender& contender : options.contenders) all.emplace_back(contender, set);
  const auto add = [&](const Prepared& one, const std::string& name, double value) {
    results.add({.set = set.name, .contender = one.contender->name, .name = name, .value = value});
  };
  for (Prepared& one : all) {
    add(one, "rows", static_cast<double>(set.base.rows()));
    add(one, "dimensions", static_cast<double>(set.base.dims));
    const double begin = ann::wall_seconds();
    load(one.client, one.table, set);
    add(one, "load seconds", ann::wall_seconds() - begin);
    one.client.query("SET max_parallel_workers_per_gather = 0");
    one.client.prepare("exact", one.table.search());
  }
  for (int turn = 0; turn < exact_turns; ++turn) {
    for (Prepared& one : all) scan_exactly(one, set);
  }
  for (Prepared& one : all) {
    add(one, "exact scan ms", ann::median(one.exact_ms));
    add(one, "exact scan processor ms", ann::median(one.exact_processor_ms));
    measure_inserts(set, *one.contender, {.prefix = "plain ", .rows = options.inserts}, results);
  }
  build_in_turns(all, options);
  for (Prepared& one : all) {
    add(one, "build seconds", ann::median(one.builds));
    add(one, "index bytes",
        number(one.client, "SELECT pg_relation_size('" + one.table.index() + "')"));
    add(one, "table bytes", number(one.client, "SELECT pg_table_size('" + one.table.name() + "')"));
  }
}

}  // namespace dvecdb::bench::pgvector
