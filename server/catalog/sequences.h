// The state of sequences, in the row store's table sequence_state. Callers hold a transaction; a
// write one for all but current(). Errors are PostgreSQL's (2200H limit reached, 22003 out of
// bounds).
#pragma once

#include <cstdint>

#include "server/storage/connection.h"

namespace dvecdb::server::catalog {

struct SequenceState {
  std::int64_t last_value = 1;
  bool is_called = false;
};

SequenceState sequence_state(storage::Connection& connection, types::Oid sequence);
std::int64_t next_sequence_value(storage::Connection& connection, types::Oid sequence);
void set_sequence_value(storage::Connection& connection, types::Oid sequence, std::int64_t value,
                        bool is_called);

}  // namespace dvecdb::server::catalog
