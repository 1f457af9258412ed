// Counters of a database file and of the shared file: the catalog's version and the next oid.
#pragma once

#include <cstdint>

#include "server/storage/connection.h"

namespace dvecdb::server::catalog {

void create_state(storage::Connection& connection, bool shared);

// Versions are never used twice in a process, so that a rolled back change cannot leave its version
// to another one.
std::uint64_t new_version();

// The version of what this connection's transaction sees, its database's and the shared file's
// together.
std::uint64_t catalog_version(storage::Connection& connection);
void bump_version(storage::Connection& connection, bool shared);

// Oids from 16384 up; those of databases and roles count for themselves.
types::Oid allocate_oid(storage::Connection& connection, bool shared);

}  // namespace dvecdb::server::catalog
