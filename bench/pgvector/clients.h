// Connections that search at the same time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/pgvector/backend_clock.h"
#include "bench/pgvector/contender.h"

namespace dvecdb::bench::pgvector {

/// So many connections to one contender, each with the search prepared and the index made sure of.
class Clients {
 public:
  Clients(const Contender& contender, const ann::VectorSet& set, std::size_t count);

  void set_ef(std::size_t ef);

  /// Recall@10 over all queries, spread over the connections.
  double recall();

  struct Speed {
    double rate;          ///< queries a second of all together
    double processor_us;  ///< that the server spent on a query
  };
  /// Of the first `count` connections together. Each asks one query at a time, from a place of its
  /// own on, for so long.
  Speed speed(std::size_t count, double seconds);

 private:
  std::vector<std::uint32_t> search(demo::Client& client, std::size_t query);

  const ann::VectorSet& set_;
  std::vector<std::string> queries_;  ///< binary forms
  std::vector<std::unique_ptr<demo::Client>> clients_;
  std::vector<BackendClock> clocks_;  ///< theirs
};

}  // namespace dvecdb::bench::pgvector
