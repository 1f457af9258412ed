// The processor time of the server's process behind a connection: what else runs on the machine
// disturbs it little.
#pragma once

#include <string>

#include "demo/client.h"

namespace dvecdb::bench::pgvector {

class BackendClock {
 public:
  explicit BackendClock(demo::Client& client);

  /// Seconds so far, of all the process's threads that have not ended; 0 for a server elsewhere.
  double seconds() const;

 private:
  std::string folder_;
};

}  // namespace dvecdb::bench::pgvector
