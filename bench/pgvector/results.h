// What was measured, one line a number, in a file that every phase adds to.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace dvecdb::bench::pgvector {

struct Measure {
  std::string set;
  std::string contender;
  std::string name;  ///< what, with its unit: "build seconds"
  double value = 0;
  std::size_t clients = 0;  ///< of searches; 0 elsewhere
  std::size_t ef = 0;       ///< likewise
  double recall = -1;       ///< recall@10 where it belongs to the number; else -1
};

/// CSV: set,contender,measure,clients,ef,recall,value.
class Results {
 public:
  /// Reads what is there already. Throws std::runtime_error when the file is damaged.
  explicit Results(const std::string& path);

  /// Writes the line at once, and says it on the standard error output. Replaces an earlier
  /// measure of the same thing in what all() answers.
  void add(const Measure& measure);

  const std::vector<Measure>& all() const { return all_; }
  /// Negative when it was not measured.
  double find(const std::string& set, const std::string& contender, const std::string& name) const;
  std::vector<std::string> sets() const;  ///< in the order of their first measure

 private:
  void keep(const Measure& measure);

  std::string path_;
  std::vector<Measure> all_;
};

}  // namespace dvecdb::bench::pgvector
