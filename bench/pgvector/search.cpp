#include "bench/pgvector/search.h"

#include <algorithm>
#include <iterator>

#include "bench/ann/numbers.h"
#include "bench/ann/text.h"
#include "bench/pgvector/clients.h"

namespace dvecdb::bench::pgvector {

namespace {

constexpr std::size_t ladder[] = {10,  12,  14,  17,  20,  30,  40,  60,  80,
                                  120, 160, 240, 320, 480, 640, 800, 1000};
// In the quick form every other step.
constexpr std::size_t quick_step = 2;
constexpr double full_recall = 0.9995;
// Points of less are not timed, but for the best of them.
constexpr double least_recall = 0.94;
// What comes from disk is measured after so many seconds of the same searches.
constexpr double warm_up_seconds = 0.5;

struct SearchPoint {
  std::size_t contender;
  std::size_t ef;
  double recall;
};

/// The steps of one contender: from the last below the least recall on, until recall is full.
std::vector<SearchPoint> climb(Clients& clients, std::size_t contender, const Options& options) {
  std::vector<SearchPoint> points;
  for (std::size_t i = 0; i < std::size(ladder); i += options.is_full ? 1 : quick_step) {
    clients.set_ef(ladder[i]);
    const double recall = clients.recall();
    if (recall < least_recall) points.clear();
    points.push_back({contender, ladder[i], recall});
    if (recall >= full_recall) break;
  }
  return points;
}

/// `measure` has all but the name and the value.
void add_speed(Results& results, Measure measure, const std::string& place, Clients::Speed speed) {
  measure.name = place + " searches/s";
  measure.value = speed.rate;
  results.add(measure);
  measure.name = place + " processor us";
  measure.value = speed.processor_us;
  results.add(measure);
}

}  // namespace

void measure_searches(const ann::VectorSet& set, const Options& options, Results& results) {
  const std::size_t most = *std::max_element(options.clients.begin(), options.clients.end());
  std::vector<Clients> clients;
  std::vector<SearchPoint> points;
  for (std::size_t c = 0; c < options.contenders.size(); ++c) {
    clients.emplace_back(options.contenders[c], set, most);
    for (const SearchPoint& point : climb(clients[c], c, options)) points.push_back(point);
  }
  // What disturbs the machine shall hit contenders alike at equal recall.
  std::sort(points.begin(), points.end(),
            [](const SearchPoint& a, const SearchPoint& b) { return a.recall < b.recall; });
  for (const std::size_t count : options.clients) {
    std::vector<std::vector<double>> rates(points.size());
    std::vector<std::vector<double>> processor(points.size());
    for (int repetition = 0; repetition < options.repetitions; ++repetition) {
      for (std::size_t p = 0; p < points.size(); ++p) {
        Clients& one = clients[points[p].contender];
        one.set_ef(points[p].ef);
        const Clients::Speed speed = one.speed(count, options.seconds);
        rates[p].push_back(speed.rate);
        processor[p].push_back(speed.processor_us);
      }
    }
    for (std::size_t p = 0; p < points.size(); ++p) {
      Measure measure;
      measure.set = set.name;
      measure.contender = options.contenders[points[p].contender].name;
      measure.clients = count;
      measure.ef = points[p].ef;
      measure.recall = points[p].recall;
      add_speed(results, measure, options.place,
                {ann::median(rates[p]), ann::median(processor[p])});
    }
  }
}

void measure_disk_searches(const ann::VectorSet& set, const Options& options, Results& results) {
  for (const Contender& contender : options.contenders) {
    for (const std::size_t count : options.clients) {
      Clients clients(contender, set, count);
      const std::vector<Measure> known = results.all();
      for (const Measure& in_memory : known) {
        if (in_memory.set != set.name || in_memory.contender != contender.name ||
            in_memory.name != "memory searches/s" || in_memory.clients != count) {
          continue;
        }
        clients.set_ef(in_memory.ef);
        clients.speed(count, warm_up_seconds);
        add_speed(results, in_memory, options.place,
                  clients.speed(count, options.repetitions * options.seconds));
      }
    }
  }
}

double recall_against_scan(demo::Client& client, const Table& table, const ann::VectorSet& set,
                           RecallCheck check) {
  client.query(ann::text("SET hnsw.ef_search = %zu", check.ef));
  const auto ask = [&](const char* settings) {
    client.query(settings);
    client.prepare("compare", table.search());
    std::vector<std::vector<std::uint32_t>> ids;
    for (std::size_t i = 0; i < std::min(check.queries, set.queries.rows()); ++i) {
      const std::string query = demo::vector_bytes({set.queries.row(i), set.queries.dims});
      ids.push_back(ids_of(client.run("compare", {&query, 1})));
    }
    client.query("DEALLOCATE compare");
    return ids;
  };
  const auto exact = ask("SET enable_indexscan = off; SET enable_seqscan = on");
  const auto found = ask("SET enable_indexscan = on; SET enable_seqscan = off");
  std::size_t right = 0;
  std::size_t all = 0;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    all += exact[i].size();
    for (const std::uint32_t id : found[i]) {
      right += std::find(exact[i].begin(), exact[i].end(), id) != exact[i].end() ? 1 : 0;
    }
  }
  return static_cast<double>(right) / static_cast<double>(all);
}

}  // namespace dvecdb::bench::pgvector
