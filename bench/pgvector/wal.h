// What a stretch of work wrote into the write-ahead log.
#pragma once

#include <string>

#include "demo/client.h"

namespace dvecdb::bench::pgvector {

struct WalBytes {
  double all = 0;
  double without_images = 0;  ///< without full-page images, which come once a page and checkpoint
};

/// From its making on. Begins with a checkpoint, so that the share of full-page images does not
/// hang on what went before. Wants the extension pg_walinspect.
class WalMeter {
 public:
  explicit WalMeter(demo::Client& client);
  WalBytes read() const;

 private:
  demo::Client& client_;
  std::string begin_;
};

}  // namespace dvecdb::bench::pgvector
