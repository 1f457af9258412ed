#include "bench/pgvector/results.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "bench/ann/numbers.h"
#include "bench/ann/text.h"

namespace dvecdb::bench::pgvector {

namespace {

constexpr const char* head = "set,contender,measure,clients,ef,recall,value";
constexpr std::size_t columns = 7;

bool is_same(const Measure& a, const Measure& b) {
  return a.set == b.set && a.contender == b.contender && a.name == b.name &&
         a.clients == b.clients && a.ef == b.ef;
}

Measure parse(const std::string& line, const std::string& path) {
  const std::vector<std::string> parts = ann::split(line, ',');
  if (parts.size() != columns) throw std::runtime_error(path + ": no measure: \"" + line + "\"");
  return {.set = parts[0],
          .contender = parts[1],
          .name = parts[2],
          .value = std::stod(parts[6]),
          .clients = std::stoul(parts[3]),
          .ef = std::stoul(parts[4]),
          .recall = std::stod(parts[5])};
}

}  // namespace

Results::Results(const std::string& path) : path_(path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line)) {
    std::ofstream(path) << head << "\n";
    return;
  }
  if (line != head) throw std::runtime_error(path + " does not begin with \"" + head + "\"");
  while (std::getline(file, line)) keep(parse(line, path));
}

void Results::keep(const Measure& measure) {
  const auto old = std::find_if(all_.begin(), all_.end(),
                                [&](const Measure& other) { return is_same(measure, other); });
  if (old != all_.end()) {
    *old = measure;
  } else {
    all_.push_back(measure);
  }
}

void Results::add(const Measure& measure) {
  keep(measure);
  const std::string line =
      ann::text("%s,%s,%s,%zu,%zu,%.5f,%.6g", measure.set.c_str(), measure.contender.c_str(),
                measure.name.c_str(), measure.clients, measure.ef, measure.recall, measure.value);
  std::ofstream(path_, std::ios::app) << line << "\n";
  std::fprintf(stderr, "%s\n", line.c_str());
}

double Results::find(const std::string& set, const std::string& contender,
                     const std::string& name) const {
  const auto found = std::find_if(all_.begin(), all_.end(), [&](const Measure& measure) {
    return measure.set == set && measure.contender == contender && measure.name == name;
  });
  return found == all_.end() ? -1 : found->value;
}

std::vector<std::string> Results::sets() const {
  std::vector<std::string> names;
  for (const Measure& measure : all_) {
    if (std::find(names.begin(), names.end(), measure.set) == names.end()) {
      names.push_back(measure.set);
    }
  }
  return names;
}

}  // namespace dvecdb::bench::pgvector
