#include "bench/pgvector/clients.h"

#include <atomic>
#include <numeric>
#include <stdexcept>

#include "bench/ann/clocks.h"
#include "bench/ann/ground_truth.h"
#include "bench/ann/on_threads.h"
#include "bench/ann/text.h"

namespace dvecdb::bench::pgvector {

namespace {

/// A plan that does not use the index would be measured in its place.
void check_plan(demo::Client& client, const Table& table, const std::string& query_text) {
  std::string sql = "EXPLAIN " + table.search();
  sql.replace(sql.find("$1"), 2, "'" + query_text + "'");
  const demo::Result plan = client.query(sql);
  for (int row = 0; row < plan.rows(); ++row) {
    if (plan.text(row, 0).find("Index Scan using " + table.index()) != std::string::npos) return;
  }
  throw std::runtime_error("searches of " + table.name() + " do not use the index");
}

std::string text_form(const float* vector, std::size_t dims) {
  std::string form = "[";
  for (std::size_t d = 0; d < dims; ++d) form += ann::text(d == 0 ? "%g" : ",%g", vector[d]);
  return form + "]";
}

}  // namespace

Clients::Clients(const Contender& contender, const ann::VectorSet& set, std::size_t count)
    : set_(set) {
  const Table table(contender, set);
  for (std::size_t i = 0; i < set.queries.rows(); ++i) {
    queries_.push_back(demo::vector_bytes({set.queries.row(i), set.queries.dims}));
  }
  for (std::size_t i = 0; i < count; ++i) {
    auto client = std::make_unique<demo::Client>(contender.conninfo);
    client->query("SET enable_seqscan = off");
    client->prepare("search", table.search());
    if (i == 0) check_plan(*client, table, text_form(set.queries.row(0), set.queries.dims));
    clocks_.emplace_back(*client);
    clients_.push_back(std::move(client));
  }
}

void Clients::set_ef(std::size_t ef) {
  for (const auto& client : clients_) client->query(ann::text("SET hnsw.ef_search = %zu", ef));
}

std::vector<std::uint32_t> Clients::search(demo::Client& client, std::size_t query) {
  return ids_of(client.run("search", {&queries_[query], 1}));
}

double Clients::recall() {
  std::atomic<std::size_t> next = 0;
  std::vector<double> sums(clients_.size());
  ann::on_threads(static_cast<int>(clients_.size()), [&](int t) {
    const auto thread = static_cast<std::size_t>(t);
    for (std::size_t i = next++; i < queries_.size(); i = next++) {
      sums[thread] += ann::recall_of(set_, i, search(*clients_[thread], i));
    }
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0) / static_cast<double>(queries_.size());
}

Clients::Speed Clients::speed(std::size_t count, double seconds) {
  std::vector<double> rates(count);
  std::vector<double> done(count);
  std::vector<double> processor(count);
  ann::on_threads(static_cast<int>(count), [&](int t) {
    const auto thread = static_cast<std::size_t>(t);
    std::size_t query = thread * queries_.size() / count;
    const double processor_before = clocks_[thread].seconds();
    const double begin = ann::wall_seconds();
    double now = begin;
    for (; now < begin + seconds; now = ann::wall_seconds(), ++done[thread]) {
      search(*clients_[thread], query++ % queries_.size());
    }
    rates[thread] = done[thread] / (now - begin);
    processor[thread] = clocks_[thread].seconds() - processor_before;
  });
  const auto sum = [](const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
  };
  return {sum(rates), 1e6 * sum(processor) / sum(done)};
}

}  // namespace dvecdb::bench::pgvector
