// Which rows of the tables with vector indexes changed, in the order of commit.
//
//   dv_changes(sequence INTEGER PRIMARY KEY, table_oid, id)   written by triggers on the table
//   dv_vector_indexes(index_oid PRIMARY KEY, table_oid, identity)
//   dv_pruned(only PRIMARY KEY, up_to)                        changes up to here are gone
//
// A change is written in the transaction of its row, so a snapshot holds a row's change exactly
// when it holds the row's new version. There is one writer, so sequences of committed changes
// only grow. The last entry is never pruned: the next sequence follows from it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "server/storage/connection.h"

namespace dvecdb::server::storage {

using types::Oid;

struct Change {
  std::int64_t sequence;
  std::int64_t id;
};

// All functions throw SqlError as the connection does. `writer` is a connection in a write
// transaction.
namespace change_log {

void create_tables(Connection& writer);
bool has_tables(Connection& connection);

// Makes the table log its changes (if it does not yet) and records the index with a new identity,
// which is returned.
std::string add_index(Connection& writer, Oid index, Oid table_oid, const std::string& table);
// The table stops to log when this was its last index.
void remove_index(Connection& writer, Oid index, Oid table_oid);
// "" when the index is not recorded.
std::string identity_of(Connection& connection, Oid index);
std::int64_t index_count(Connection& connection);

// The last change that the connection's snapshot holds, its own uncommitted ones included.
std::int64_t last_sequence(Connection& connection);
// The table's changes after `after`, in order.
std::vector<Change> read(Connection& connection, Oid table_oid, std::int64_t after);

std::int64_t pruned_up_to(Connection& connection);
// Removes at most `limit` changes up to `up_to`. True when there may be more.
bool prune(Connection& writer, std::int64_t up_to, std::int64_t limit);

}  // namespace change_log
}  // namespace dvecdb::server::storage
