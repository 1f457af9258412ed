#include "bench/pgvector/report.h"

#include <algorithm>
#include <optional>

#include "bench/ann/text.h"
#include "bench/pgvector/rates.h"

namespace dvecdb::bench::pgvector {

namespace {

using ann::text;

constexpr double recalls[] = {0.9, 0.95, 0.99, 0.999};

using AtRecall = std::optional<double>(const Results&, const std::string&, const std::string&,
                                       const SearchKind&, double);

std::string recalls_table(const Results& results, const std::string& set, const char* what,
                          AtRecall* at_recall) {
  std::string table = text("| %s at recall@10 | place | clients |", what);
  std::string rule = "\n|---|---|---:|";
  for (const double recall : recalls) {
    table += text(" %g |", recall);
    rule += "---:|";
  }
  table += rule + "\n";
  for (const SearchKind& kind : search_kinds(results, set)) {
    for (const std::string& contender : contenders_of(results)) {
      table += text("| %s | %s | %zu |", contender.c_str(), kind.place.c_str(), kind.clients);
      for (const double recall : recalls) {
        const auto value = at_recall(results, set, contender, kind, recall);
        table += value ? text(" %.0f |", *value) : " - |";
      }
      table += "\n";
    }
  }
  return table + "\n";
}

/// All that is one number a contender, in the order in which it was measured.
std::string numbers_table(const Results& results, const std::string& set) {
  std::vector<std::string> names;
  for (const Measure& measure : results.all()) {
    if (measure.set != set || measure.clients != 0) continue;
    if (std::find(names.begin(), names.end(), measure.name) == names.end()) {
      names.push_back(measure.name);
    }
  }
  std::string table = "| |";
  std::string rule = "\n|---|";
  for (const std::string& contender : contenders_of(results)) {
    table += " " + contender + " |";
    rule += "---:|";
  }
  table += rule + "\n";
  for (const std::string& name : names) {
    table += "| " + name + " |";
    for (const std::string& contender : contenders_of(results)) {
      const double value = results.find(set, contender, name);
      table += value < 0 ? " - |" : value < 1e4 ? text(" %.4g |", value) : text(" %.0f |", value);
    }
    table += "\n";
  }
  return table;
}

/// Of the same point, the measure that follows its rate.
double processor_us(const Results& results, const Measure& rate, const std::string& place) {
  for (const Measure& measure : results.all()) {
    if (measure.set == rate.set && measure.contender == rate.contender &&
        measure.name == place + " processor us" && measure.clients == rate.clients &&
        measure.ef == rate.ef) {
      return measure.value;
    }
  }
  return 0;
}

std::string points_table(const Results& results, const std::string& set) {
  std::string table =
      "| contender | place | clients | ef_search | recall@10 | searches/s | processor us |\n"
      "|---|---|---:|---:|---:|---:|---:|\n";
  for (const Measure& measure : results.all()) {
    if (measure.set != set || !measure.name.ends_with(" searches/s")) continue;
    const std::string place = measure.name.substr(0, measure.name.find(' '));
    table += text("| %s | %s | %zu | %zu | %.4f | %.0f | %.1f |\n", measure.contender.c_str(),
                  place.c_str(), measure.clients, measure.ef, measure.recall, measure.value,
                  processor_us(results, measure, place));
  }
  return table;
}

}  // namespace

std::vector<std::string> contenders_of(const Results& results) {
  std::vector<std::string> names;
  for (const Measure& measure : results.all()) {
    if (std::find(names.begin(), names.end(), measure.contender) == names.end()) {
      names.push_back(measure.contender);
    }
  }
  return names;
}

std::string summary(const Results& results) {
  std::string text;
  for (const std::string& set : results.sets()) {
    text += "## " + set + "\n\n" + recalls_table(results, set, "searches/s", searches_at) +
            recalls_table(results, set, "processor us", processor_us_at) +
            numbers_table(results, set) + "\n" + points_table(results, set) + "\n";
  }
  return text;
}

}  // namespace dvecdb::bench::pgvector
