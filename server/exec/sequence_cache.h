// The sequences of one database. Values are handed out from memory and are not taken back by a
// rollback; what a transaction used is written into the sequence's row before it commits, so that
// a committed value is never handed out again. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>

#include "server/catalog/snapshot.h"
#include "server/storage/connection.h"

namespace dvecdb::server::exec {

using types::Value;

struct SequenceState {
  std::string name;
  std::int64_t increment = 1;
  std::int64_t minimum = 1;
  std::int64_t maximum = 0;
  bool cycles = false;
  std::int64_t last_value = 1;
  bool is_called = false;
};

class SequenceCache {
 public:
  // `writer` is the connection that holds the right to write. Throws SqlError 2200H at the end.
  std::int64_t next(storage::Connection& writer, const query::RelationDesc& sequence);
  void set(storage::Connection& writer, const query::RelationDesc& sequence, std::int64_t value,
           bool is_called);
  // Writes what was handed out since the last call; before a commit.
  void flush(storage::Connection& writer);
  void committed();
  // A rollback undid writes: they are due again with the next transaction.
  void rolled_back();
  // The sequence's row was changed, or its transaction rolled back: read it again.
  void forget(types::Oid sequence);

 private:
  SequenceState& load(storage::Connection& writer, const query::RelationDesc& sequence);
  std::mutex mutex_;
  std::unordered_map<types::Oid, SequenceState> states_;
  std::set<types::Oid> unwritten_;
  std::set<types::Oid> written_;  // by the transaction that runs
};

}  // namespace dvecdb::server::exec
