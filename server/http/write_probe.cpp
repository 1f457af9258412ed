#include "server/http/write_probe.h"

#include "server/types/error.h"

namespace dvecdb::server::http {

namespace {

using Clock = std::chrono::steady_clock;

WriteState probe(exec::Engine& engine, std::chrono::milliseconds patience) {
  WriteState state;
  state.is_known = true;
  const Clock::time_point start = Clock::now();
  try {
    engine.probe_write(patience);
  } catch (const types::SqlError& error) {
    state.is_busy = error.sqlstate() == types::sqlstate::lock_not_available;
    if (!state.is_busy) state.error = error.what();
  } catch (const std::exception& error) {
    state.error = error.what();
  }
  state.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  return state;
}

}  // namespace

WriteProbe::WriteProbe(std::chrono::milliseconds patience, std::chrono::milliseconds period)
    : patience_(patience), poller_(period) {}

void WriteProbe::watch(exec::Engine& engine) {
  poller_.start([&engine, patience = patience_] { return probe(engine, patience); });
}

WriteState WriteProbe::latest() const {
  const auto known = poller_.latest();
  WriteState state = known ? *known : WriteState();
  state.under_way = poller_.waiting_time();
  return state;
}

}  // namespace dvecdb::server::http
