#include "bench/pgvector/options.h"

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <thread>

#include "bench/ann/numbers.h"

namespace dvecdb::bench::pgvector {

namespace {

using ann::parse_count;
using ann::split;
using Setter = std::function<void(Options&, const std::string&)>;

std::vector<std::size_t> parse_clients(const std::string& value) {
  std::vector<std::size_t> clients;
  for (const std::string& one : split(value, ',')) {
    clients.push_back(parse_count("--clients", one));
  }
  if (clients.empty()) throw std::invalid_argument("--clients is empty");
  return clients;
}

std::string parse_place(const std::string& value) {
  if (value == "memory" || value == "disk") return value;
  throw std::invalid_argument("--place is memory or disk, not \"" + value + "\"");
}

const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> table = {
      {"--contender",
       [](Options& o, const std::string& v) { o.contenders.push_back(parse_contender(v)); }},
      {"--set", [](Options& o, const std::string& v) { o.sets = split(v, ','); }},
      {"--data", [](Options& o, const std::string& v) { o.source.data = v; }},
      {"--cache", [](Options& o, const std::string& v) { o.source.cache = v; }},
      {"--out", [](Options& o, const std::string& v) { o.out = v; }},
      {"--place", [](Options& o, const std::string& v) { o.place = parse_place(v); }},
      {"--m", [](Options& o, const std::string& v) { o.m = parse_count("--m", v); }},
      {"--ef-construction",
       [](Options& o, const std::string& v) {
         o.ef_construction = parse_count("--ef-construction", v);
       }},
      {"--inserts",
       [](Options& o, const std::string& v) { o.inserts = parse_count("--inserts", v); }},
      {"--clients", [](Options& o, const std::string& v) { o.clients = parse_clients(v); }},
      {"--repetitions",
       [](Options& o, const std::string& v) {
         o.repetitions =
             static_cast<int>(std::min<std::size_t>(1000, parse_count("--repetitions", v)));
       }},
      {"--seconds",
       [](Options& o, const std::string& v) { o.seconds = ann::parse_positive("--seconds", v); }},
      {"--queries",
       [](Options& o, const std::string& v) { o.source.queries = parse_count("--queries", v); }},
  };
  return table;
}

}  // namespace

Options parse_options(const std::vector<std::string>& arguments) {
  Options options;
  options.source.queries = 1000;
  options.source.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (name == "--full") {
      options.is_full = true;
      continue;
    }
    if (!name.starts_with("--") && options.phase.empty()) {
      options.phase = name;
      continue;
    }
    const auto setter = setters().find(name);
    if (setter == setters().end()) throw std::invalid_argument("no option \"" + name + "\"");
    if (i + 1 == arguments.size()) throw std::invalid_argument(name + " needs a value");
    setter->second(options, arguments[++i]);
  }
  if (options.phase.empty()) throw std::invalid_argument("no phase was named");
  if (options.out.empty()) throw std::invalid_argument("--out is missing");
  return options;
}

std::string help_text() {
  return "Measures index methods of PostgreSQL beside each other, one phase after the other:\n\n"
         "  prepare   loads tables, scans them exactly, inserts without an index, builds the "
         "index\n"
         "  search    searches at rising ef_search\n"
         "  write     inserts, deletes and vacuum with the index\n"
         "  report    tables and targets from what was measured\n\n"
         "  --out DIR                       holds results.csv, to which every phase adds\n"
         "  --contender NAME;CONN;OPTIONS   its database and further index options; several\n"
         "  --set NAME,...                  as dvecdb_bench_ann has them\n"
         "  --data DIR --cache DIR          likewise\n"
         "  --place memory|disk             what searches are counted as; default memory\n"
         "  --clients N,...                 default 1,4\n"
         "  --m N --ef-construction N       default 16 and 64\n"
         "  --inserts N                     single ones, and as many by COPY; default 2000\n"
         "  --full                          all steps of ef_search\n"
         "  --repetitions N --seconds S     of a point; default 3 of 0.4\n"
         "  --queries N                     at most; default 1000\n";
}

}  // namespace dvecdb::bench::pgvector
