// The first content of a data folder. Oids are PostgreSQL's.
#pragma once

#include <string_view>

#include "server/storage/connection.h"

namespace dvecdb::server::catalog {

inline constexpr types::Oid template1_oid = 1;
inline constexpr types::Oid template0_oid = 4;
inline constexpr types::Oid postgres_database_oid = 5;
inline constexpr types::Oid postgres_role_oid = 10;
// A user's oid: pg_dump writes no CREATE EXTENSION for lower ones.
inline constexpr types::Oid vector_extension_oid = 16384;
// Oids from here up to 16383 are those of the vector types and what belongs to them.
inline constexpr types::Oid first_vector_oid = 15000;

// Fills an empty database file with the catalogs and their built-in rows. The caller holds a write
// transaction.
void create_catalogs(storage::Connection& connection);
// The same for the shared file ("global"): the databases postgres, template1 and template0, the
// superuser postgres and the predefined roles. False: it was there already.
bool create_shared_catalogs(storage::Connection& connection);
bool has_catalogs(storage::Connection& connection);

}  // namespace dvecdb::server::catalog
