#include "bench/ann/options.h"

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <thread>

#include "bench/ann/numbers.h"

namespace dvecdb::bench::ann {

namespace {

constexpr std::size_t max_threads = 1024;
constexpr std::size_t max_repetitions = 1000;

int parse_small(const std::string& what, const std::string& value, std::size_t limit) {
  const std::size_t count = parse_count(what, value);
  if (count > limit) {
    throw std::invalid_argument(what + " is at most " + std::to_string(limit) + ", not " + value);
  }
  return static_cast<int>(count);
}

ClockKind parse_clock(const std::string& value) {
  if (value == "cpu") return ClockKind::cpu;
  if (value == "wall") return ClockKind::wall;
  throw std::invalid_argument("--clock is cpu or wall, not \"" + value + "\"");
}

std::vector<std::size_t> parse_efs(const std::string& value) {
  std::vector<std::size_t> efs;
  for (const std::string& one : split(value, ',')) efs.push_back(parse_count("--ef", one));
  std::sort(efs.begin(), efs.end());
  efs.erase(std::unique(efs.begin(), efs.end()), efs.end());
  return efs;
}

std::vector<std::string> parse_libraries(const std::string& value) {
  const std::vector<std::string> specs = split(value, ',');
  for (const std::string& spec : specs) {
    if (!is_known_library(spec)) {
      throw std::invalid_argument("no library \"" + spec + "\"; there are " + known_libraries());
    }
  }
  return specs;
}

using Setter = std::function<void(Options&, const std::string&)>;

const std::map<std::string, Setter>& setters() {
  static const std::map<std::string, Setter> table = {
      {"--set", [](Options& o, const std::string& v) { o.sets = split(v, ','); }},
      {"--data", [](Options& o, const std::string& v) { o.source.data = v; }},
      {"--cache", [](Options& o, const std::string& v) { o.source.cache = v; }},
      {"--out", [](Options& o, const std::string& v) { o.out = v; }},
      {"--libraries",
       [](Options& o, const std::string& v) { o.protocol.libraries = parse_libraries(v); }},
      {"--ours",
       [](Options& o, const std::string& v) {
         for (const std::string& one : split(v, ',')) o.protocol.libraries.push_back("ours:" + one);
       }},
      {"--ef", [](Options& o, const std::string& v) { o.protocol.efs = parse_efs(v); }},
      {"--m", [](Options& o, const std::string& v) { o.protocol.graph.m = parse_count("--m", v); }},
      {"--ef-construction",
       [](Options& o, const std::string& v) {
         o.protocol.graph.ef_construction = parse_count("--ef-construction", v);
       }},
      {"--threads",
       [](Options& o, const std::string& v) {
         o.protocol.threads = parse_small("--threads", v, max_threads);
       }},
      {"--repetitions",
       [](Options& o, const std::string& v) {
         o.protocol.repetitions = parse_small("--repetitions", v, max_repetitions);
       }},
      {"--seconds",
       [](Options& o, const std::string& v) {
         o.protocol.seconds = parse_positive("--seconds", v);
       }},
      {"--queries",
       [](Options& o, const std::string& v) { o.source.queries = parse_count("--queries", v); }},
      {"--clock", [](Options& o, const std::string& v) { o.clock = parse_clock(v); }},
  };
  return table;
}

/// The long form, of which other options change a part.
void set_full(Options& options) {
  options.protocol.is_full = true;
  options.protocol.with_one_thread_build = true;
  options.protocol.repetitions = 5;
  options.protocol.seconds = 0.3;
  options.source.queries = 2000;
}

const std::map<std::string, void (*)(Options&)>& flags() {
  static const std::map<std::string, void (*)(Options&)> table = {
      {"--help", [](Options& o) { o.wants_help = true; }},
      {"--full", [](Options&) {}},  // applied before all others
      {"--one-thread-build", [](Options& o) { o.protocol.with_one_thread_build = true; }},
      {"--no-all-threads", [](Options& o) { o.protocol.with_all_threads = false; }},
  };
  return table;
}

}  // namespace

Options parse_options(const std::vector<std::string>& arguments) {
  Options options;
  options.source.queries = 1000;
  options.protocol.libraries = split(known_libraries(), ',');
  options.protocol.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  if (std::find(arguments.begin(), arguments.end(), "--full") != arguments.end()) {
    set_full(options);
  }
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (const auto flag = flags().find(name); flag != flags().end()) {
      flag->second(options);
      continue;
    }
    const auto setter = setters().find(name);
    if (setter == setters().end()) throw std::invalid_argument("no option \"" + name + "\"");
    if (i + 1 == arguments.size()) throw std::invalid_argument(name + " needs a value");
    setter->second(options, arguments[++i]);
  }
  options.source.threads = options.protocol.threads;
  return options;
}

std::string help_text() {
  return "Measures the index beside its peers: recall@10, queries a second, build time, bytes.\n\n"
         "  --set NAME,...          a folder of --data, demo-784, mixture-<rows>-<dims> as\n"
         "                          mixture-200k-768; default: all of --data and two mixtures\n"
         "  --data DIR              sets, a folder each\n"
         "  --libraries NAME,...    of " +
         known_libraries() +
         "; default: all\n"
         "                          NAME:setting=value+... changes one: ours:code=int8+m=24\n"
         "  --ours SETTINGS,...     more of ours, beside: --ours code=int8,code=int4\n"
         "  --ef N,...              default: a ladder, climbed until recall is full\n"
         "  --m N                   default 16\n"
         "  --ef-construction N     default 200\n"
         "  --threads N             default: the machine's\n"
         "  --no-all-threads        search with one thread only\n"
         "  --one-thread-build      build ours with one thread, too\n"
         "  --full                  the whole ladder, larger sets, longer\n"
         "  --repetitions N         default 3, full 5; medians are reported\n"
         "  --seconds S             of a repetition of a point; default 0.15, full 0.3\n"
         "  --queries N             at most; default 1000, full 2000\n"
         "  --clock cpu|wall        of the reported rates; default cpu\n"
         "  --cache DIR             keeps the truth of sets that come without\n"
         "  --out DIR               writes results.csv, summary.md, <set>.svg; saves indexes to\n"
         "                          learn their size\n";
}

}  // namespace dvecdb::bench::ann
