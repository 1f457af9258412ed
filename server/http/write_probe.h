// Writes one row every few seconds and reads it back, to see whether the disk takes what is
// committed. On a thread of its own: who asks never waits.
//
// Thread-safe.
#pragma once

#include <chrono>
#include <string>

#include "server/exec/engine.h"
#include "server/http/poller.h"

namespace dvecdb::server::http {

struct WriteState {
  bool is_known = false;                   // a probe has ended
  bool is_busy = false;                    // others had the right to write all the time
  std::string error;                       // "": it went well
  std::chrono::milliseconds took{0};       // the last one
  std::chrono::milliseconds under_way{0};  // since when one has been waiting; 0: none is
};

class WriteProbe {
 public:
  // `patience`: how long it waits for the right to write.
  explicit WriteProbe(std::chrono::milliseconds patience,
                      std::chrono::milliseconds period = std::chrono::seconds(5));

  // The engine must outlive stop().
  void watch(exec::Engine& engine);
  void stop() { poller_.stop(); }
  WriteState latest() const;

 private:
  const std::chrono::milliseconds patience_;
  Poller<WriteState> poller_;
};

}  // namespace dvecdb::server::http
