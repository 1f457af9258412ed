// Logs go to standard error: one line an event, as text or as JSON.
#pragma once

#include <string>

#include "server/exec/engine.h"

namespace dvecdb::server::app {

void set_up_log(const std::string& level, const std::string& format);

// Failed statements as warnings, slow ones (from `slow_ms` on; -1: none) as information.
void log_statement(const exec::StatementEvent& event, std::int64_t slow_ms);

}  // namespace dvecdb::server::app
