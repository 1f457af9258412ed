#include "bench/pgvector/inserts.h"

#include <algorithm>
#include <random>
#include <vector>

#include "bench/ann/clocks.h"
#include "bench/ann/text.h"
#include "bench/pgvector/backend_clock.h"
#include "bench/pgvector/search.h"
#include "bench/pgvector/wal.h"

namespace dvecdb::bench::pgvector {

namespace {

constexpr float new_row_share = 0.1F;
constexpr std::size_t checked_queries = 100;
constexpr std::size_t checked_ef = 100;

ann::Vectors new_rows(const ann::VectorSet& set, std::size_t count) {
  std::mt19937_64 random(7);
  const std::size_t rows = set.base.rows();
  ann::Vectors made(count, set.base.dims);
  for (std::size_t i = 0; i < count; ++i) {
    const float* near = set.base.row(random() % rows);
    const float* far = set.base.row(random() % rows);
    for (std::size_t d = 0; d < made.dims; ++d) {
      made.row(i)[d] = near[d] + new_row_share * (far[d] - near[d]);
    }
  }
  if (set.metric == ann::Metric::cosine) ann::scale_to_unit(made);
  return made;
}

void insert_single(demo::Client& client, const Table& table, const ann::Vectors& rows,
                   std::size_t first_id, std::size_t count) {
  client.prepare("insert", "INSERT INTO " + table.name() + " VALUES ($1, $2)");
  for (std::size_t i = 0; i < count; ++i) {
    client.run("insert", row_parameters(first_id + i, rows.row(i), rows.dims));
  }
}

void insert_by_copy(demo::Client& client, const Table& table, const ann::Vectors& rows,
                    std::size_t first_id, std::size_t begin) {
  client.begin_copy("COPY " + table.name() + " FROM STDIN (FORMAT binary)");
  client.put_copy(copy_head);
  for (std::size_t i = begin; i < rows.rows(); ++i) {
    client.put_copy(copy_row(first_id + i, rows.row(i), rows.dims));
  }
  client.put_copy(copy_tail);
  client.end_copy();
}

}  // namespace

void read_into_buffers(const Contender& contender, const ann::VectorSet& set) {
  demo::Client client(contender.conninfo);
  const std::string table = Table(contender, set).name();
  client.query("CREATE EXTENSION IF NOT EXISTS pg_prewarm");
  client.query("SELECT pg_prewarm(oid) FROM pg_class WHERE oid = '" + table +
               "'::regclass OR oid IN (SELECT reltoastrelid FROM pg_class WHERE oid = '" + table +
               "'::regclass) OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = '" +
               table + "'::regclass)");
}

void measure_inserts(const ann::VectorSet& set, const Contender& contender, const InsertPlan& plan,
                     Results& results) {
  demo::Client client(contender.conninfo);
  const Table table(contender, set);
  const BackendClock clock(client);
  const ann::Vectors rows = new_rows(set, 2 * plan.rows);
  const std::size_t first_id = set.base.rows();
  const auto count = static_cast<double>(plan.rows);
  const auto measure = [&](const std::string& how, auto&& work) {
    const WalMeter wal(client);
    const double processor_before = clock.seconds();
    const double begin = ann::wall_seconds();
    work();
    const double seconds = ann::wall_seconds() - begin;
    const double processor = clock.seconds() - processor_before;
    const WalBytes bytes = wal.read();
    const auto add = [&](const char* what, double value) {
      results.add({.set = set.name,
                   .contender = contender.name,
                   .name = plan.prefix + how + what,
                   .value = value});
    };
    add(" rows/s", count / seconds);
    add(" processor us/row", 1e6 * processor / count);
    add(" WAL bytes/row", bytes.all / count);
    add(" WAL bytes/row without images", bytes.without_images / count);
    const double plain =
        results.find(set.name, contender.name, "plain " + how + " WAL bytes/row without images");
    if (plan.prefix.empty() && plain > 0) {
      add(" WAL bytes/row of the index", bytes.without_images / count - plain);
    }
  };
  // What single rows cost is the question, not what the disk's sync does.
  client.query("SET synchronous_commit = off");
  measure("insert", [&] { insert_single(client, table, rows, first_id, plan.rows); });
  measure("copy", [&] { insert_by_copy(client, table, rows, first_id, plan.rows); });
  client.query(ann::text("DELETE FROM %s WHERE id >= %zu", table.name().c_str(), first_id));
  client.query("VACUUM " + table.name());
}

void measure_vacuum(const ann::VectorSet& set, const Contender& contender, Results& results) {
  demo::Client client(contender.conninfo);
  const Table table(contender, set);
  const auto add = [&](const std::string& name, double value) {
    results.add({.set = set.name, .contender = contender.name, .name = name, .value = value});
  };
  client.query("DELETE FROM " + table.name() + " WHERE id % 5 = 0");
  const WalMeter wal(client);
  const BackendClock clock(client);
  const double processor_before = clock.seconds();
  const double begin = ann::wall_seconds();
  client.query("VACUUM (INDEX_CLEANUP ON, PARALLEL 0, TRUNCATE OFF) " + table.name());
  add("vacuum seconds", ann::wall_seconds() - begin);
  add("vacuum processor seconds", clock.seconds() - processor_before);
  add("vacuum WAL bytes", wal.read().all);
  add("index bytes after vacuum",
      number(client, "SELECT pg_relation_size('" + table.index() + "')"));
  results.add({.set = set.name,
               .contender = contender.name,
               .name = "recall after vacuum",
               .value = recall_against_scan(client, table, set, {checked_queries, checked_ef}),
               .ef = checked_ef});
}

}  // namespace dvecdb::bench::pgvector
